#ifndef DARKROOM_CLI_DOCTOR_FINDING_H_
#define DARKROOM_CLI_DOCTOR_FINDING_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace darkroom::cli {

enum class Verdict {
  kOk,
  kWarning,  // it works, but not as well as it could
  kProblem   // it does not work, or can lose something
};

// What one check of `darkroom doctor` found.
struct Finding {
  Verdict verdict = Verdict::kOk;
  std::string check;     // what was looked at, a word or three: "redis clock"
  std::string what;      // how it is
  std::string fix = {};  // what to do about it; empty only when it is OK
};

using Findings = std::vector<Finding>;

// "ok", "warning", "problem".
absl::string_view VerdictText(Verdict verdict);

// A line each, and below it, indented, the way out. Without a line feed at the end. Pure.
std::string FindingsText(const Findings& findings);
// {"findings": [{"verdict", "check", "what", "fix"}, ...], "problems": N, "warnings": N}. Pure.
std::string FindingsJson(const Findings& findings);

// How many there are of this verdict.
int Count(const Findings& findings, Verdict verdict);

}  // namespace darkroom::cli

#endif  // DARKROOM_CLI_DOCTOR_FINDING_H_
