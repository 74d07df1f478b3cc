#ifndef DARKROOM_COMMON_METRICS_METRICS_FLAG_H_
#define DARKROOM_COMMON_METRICS_METRICS_FLAG_H_

#include <functional>
#include <memory>
#include <optional>

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
// darkroom_build_info calls the process; `healthy` is Listener::Options'. The registry and what
// `healthy` looks at outlive the listener. INVALID_ARGUMENT and UNAVAILABLE as Listener::Start,
// naming the flag.
absl::StatusOr<std::unique_ptr<Listener>> ListenerFromFlag(absl::string_view name,
                                                           Registry& registry,
                                                           std::function<absl::Status()> healthy);

// With --check_health, this program is not to do its work, but to ask the process that does, which
// was started with the same --metrics_listen, for its health: the exit status is 0 when it can do
// its work, and 1 after a sentence on stderr that says why not. Without the flag: nothing. Blocks
// for three seconds at most; called first of all, once the flags are parsed.
std::optional<int> CheckHealthFromFlag();

}  // namespace darkroom::metrics

#endif  // DARKROOM_COMMON_METRICS_METRICS_FLAG_H_
