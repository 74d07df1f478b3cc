#include "cli/option_value.h"

#include <cmath>
#include <limits>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/status_macros.h"

namespace darkroom::cli {
namespace {

absl::Status Refuse(absl::string_view text, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("\"", text, "\" ", why));
}

}  // namespace

absl::Status ParseValue(absl::string_view text, std::int64_t& value) {
  return absl::SimpleAtoi(text, &value) ? absl::OkStatus() : Refuse(text, "is not a whole number");
}

absl::Status ParseValue(absl::string_view text, std::int32_t& value) {
  std::int64_t wide = 0;
  DARKROOM_RETURN_IF_ERROR(ParseValue(text, wide));
  // It must not wrap into a number that the server accepts.
  if (wide < std::numeric_limits<std::int32_t>::min() ||
      wide > std::numeric_limits<std::int32_t>::max()) {
    return Refuse(text, "is too large");
  }
  value = static_cast<std::int32_t>(wide);
  return absl::OkStatus();
}

absl::Status ParseValue(absl::string_view text, double& value) {
  const bool number = absl::SimpleAtod(text, &value) && std::isfinite(value);
  return number ? absl::OkStatus() : Refuse(text, "is not a number");
}

absl::Status ParseValue(absl::string_view text, bool& value) {
  value = absl::EqualsIgnoreCase(text, "true");
  if (value || absl::EqualsIgnoreCase(text, "false")) return absl::OkStatus();
  return Refuse(text, "is neither true nor false");
}

absl::Status ParseValue(absl::string_view text, absl::Duration& value) {
  double seconds = 0;
  const bool bare = absl::SimpleAtod(text, &seconds);
  if (bare) value = absl::Seconds(seconds);
  if ((bare || absl::ParseDuration(text, &value)) && value > absl::ZeroDuration() &&
      value < absl::InfiniteDuration()) {
    return absl::OkStatus();
  }
  return Refuse(text, "is not a time; write 90s, 2m or 1h");
}

}  // namespace darkroom::cli
