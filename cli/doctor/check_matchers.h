#ifndef DARKROOM_CLI_DOCTOR_CHECK_MATCHERS_H_
#define DARKROOM_CLI_DOCTOR_CHECK_MATCHERS_H_

#include <gmock/gmock.h>

#include <string>

#include "cli/doctor/finding.h"

namespace darkroom::cli {

// A finding with this verdict, of this check, that says this. What is not OK has a way out.
MATCHER_P3(Found, verdict, check, what, "") {
  *result_listener << VerdictText(arg.verdict) << " " << arg.check << ": " << arg.what << " -> "
                   << arg.fix;
  return arg.verdict == verdict && arg.check == check && arg.what.find(what) != std::string::npos &&
         arg.fix.empty() == (arg.verdict == Verdict::kOk);
}

}  // namespace darkroom::cli

#endif  // DARKROOM_CLI_DOCTOR_CHECK_MATCHERS_H_
