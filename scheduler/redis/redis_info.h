#ifndef DARKROOM_SCHEDULER_REDIS_REDIS_INFO_H_
#define DARKROOM_SCHEDULER_REDIS_REDIS_INFO_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace darkroom::scheduler {

// A field of the text that INFO returns, empty when it has none of this name.
std::string InfoField(absl::string_view info, absl::string_view name);
// The same as a number, 0 when it is none.
std::int64_t InfoNumber(absl::string_view info, absl::string_view name);

}  // namespace darkroom::scheduler

#endif  // DARKROOM_SCHEDULER_REDIS_REDIS_INFO_H_
