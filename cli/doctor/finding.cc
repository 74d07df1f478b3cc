#include "cli/doctor/finding.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "convert/text.h"

namespace darkroom::cli {
namespace {

constexpr int kVerdictWidth = 9;

std::string FindingText(const Finding& finding) {
  std::string text = absl::StrFormat("%-*s%s: %s", kVerdictWidth, VerdictText(finding.verdict),
                                     finding.check, finding.what);
  if (!finding.fix.empty()) {
    absl::StrAppend(&text, "\n", std::string(kVerdictWidth, ' '), "→ ", finding.fix);
  }
  return text;
}

std::string FindingJson(const Finding& finding) {
  std::string json = absl::StrCat("{\"verdict\": \"", VerdictText(finding.verdict), "\"");
  for (const auto& [name, value] :
       {std::pair<absl::string_view, const std::string&>{"check", finding.check},
        {"what", finding.what},
        {"fix", finding.fix}}) {
    absl::StrAppend(&json, ", \"", name, "\": ");
    convert::AppendJsonString(value, &json);
  }
  return absl::StrCat(json, "}");
}

}  // namespace

absl::string_view VerdictText(Verdict verdict) {
  switch (verdict) {
    case Verdict::kOk:
      return "ok";
    case Verdict::kWarning:
      return "warning";
    case Verdict::kProblem:
      return "problem";
  }
  return "";
}

std::string FindingsText(const Findings& findings) {
  return absl::StrJoin(findings, "\n", [](std::string* out, const Finding& finding) {
    absl::StrAppend(out, FindingText(finding));
  });
}

std::string FindingsJson(const Findings& findings) {
  const std::string list = absl::StrJoin(
      findings, ", ",
      [](std::string* out, const Finding& finding) { absl::StrAppend(out, FindingJson(finding)); });
  return absl::StrCat("{\"findings\": [", list,
                      "], \"problems\": ", Count(findings, Verdict::kProblem),
                      ", \"warnings\": ", Count(findings, Verdict::kWarning), "}");
}

int Count(const Findings& findings, Verdict verdict) {
  return static_cast<int>(
      std::count_if(findings.begin(), findings.end(),
                    [verdict](const Finding& finding) { return finding.verdict == verdict; }));
}

}  // namespace darkroom::cli
