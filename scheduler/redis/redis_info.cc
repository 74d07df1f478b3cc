#include "scheduler/redis/redis_info.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace darkroom::scheduler {

std::string InfoField(absl::string_view info, absl::string_view name) {
  for (absl::string_view line : absl::StrSplit(info, "\r\n")) {
    if (absl::ConsumePrefix(&line, name) && absl::ConsumePrefix(&line, ":")) {
      return std::string(line);
    }
  }
  return "";
}

std::int64_t InfoNumber(absl::string_view info, absl::string_view name) {
  std::int64_t value = 0;
  return absl::SimpleAtoi(InfoField(info, name), &value) ? value : 0;
}

}  // namespace darkroom::scheduler
