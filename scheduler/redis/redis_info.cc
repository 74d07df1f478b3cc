#include "scheduler/redis/redis_info.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace darkroom::scheduler {

std::int64_t InfoNumber(absl::string_view info, absl::string_view name) {
  for (absl::string_view line : absl::StrSplit(info, "\r\n")) {
    std::int64_t value = 0;
    if (absl::ConsumePrefix(&line, name) && absl::ConsumePrefix(&line, ":") &&
        absl::SimpleAtoi(line, &value)) {
      return value;
    }
  }
  return 0;
}

}  // namespace darkroom::scheduler
