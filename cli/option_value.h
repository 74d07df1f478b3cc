#ifndef DARKROOM_CLI_OPTION_VALUE_H_
#define DARKROOM_CLI_OPTION_VALUE_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace darkroom::cli {

// What users write for a value. INVALID_ARGUMENT, with the value and the way out in the message,
// for anything else.
absl::Status ParseValue(absl::string_view text, std::int64_t& value);
absl::Status ParseValue(absl::string_view text, std::int32_t& value);
// Finite.
absl::Status ParseValue(absl::string_view text, double& value);
// "true" or "false", in any case.
absl::Status ParseValue(absl::string_view text, bool& value);
// "90s", "2m"; a bare number is seconds. Above zero.
absl::Status ParseValue(absl::string_view text, absl::Duration& value);

}  // namespace darkroom::cli

#endif  // DARKROOM_CLI_OPTION_VALUE_H_
