#ifndef DARKROOM_COMMON_METRICS_METRICS_FLAG_H_
#define DARKROOM_COMMON_METRICS_METRICS_FLAG_H_

#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/metrics/listener.h"
#include "common/metrics/registry.h"

namespace darkroom::metrics {

// True when --metrics_listen names an address: nothing is worth counting otherwise.
bool AreServed();

// INVALID_ARGUMENT when --metrics_listen is no address.
absl::Status CheckMetricsFlag();

// Serves the registry where --metrics_listen says; null when it is empty. `name` is what
// darkroom_build_info calls the process. The registry outlives the listener. INVALID_ARGUMENT and
// UNAVAILABLE as Listener::Start, naming the flag.
absl::StatusOr<std::unique_ptr<Listener>> ListenerFromFlag(absl::string_view name,
                                                           Registry& registry);

}  // namespace darkroom::metrics

#endif  // DARKROOM_COMMON_METRICS_METRICS_FLAG_H_
