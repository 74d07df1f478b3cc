#ifndef DARKROOM_SCHEDULER_REDIS_REDIS_INFO_H_
#define DARKROOM_SCHEDULER_REDIS_REDIS_INFO_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace darkroom::scheduler {

// A number of the text that INFO returns, 0 when it has none of this name.
std::int64_t InfoNumber(absl::string_view info, absl::string_view name);

}  // namespace darkroom::scheduler

#endif  // DARKROOM_SCHEDULER_REDIS_REDIS_INFO_H_
