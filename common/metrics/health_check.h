#ifndef DARKROOM_COMMON_METRICS_HEALTH_CHECK_H_
#define DARKROOM_COMMON_METRICS_HEALTH_CHECK_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace darkroom::metrics {

// Asks the Listener that listens on `listen`, on this machine, for /healthz. OK when it answers
// 200; UNAVAILABLE with what it says otherwise, and when nobody answers within `patience`;
// INVALID_ARGUMENT when that is no address with a port. Blocks.
absl::Status CheckHealth(absl::string_view listen, absl::Duration patience);

}  // namespace darkroom::metrics

#endif  // DARKROOM_COMMON_METRICS_HEALTH_CHECK_H_
