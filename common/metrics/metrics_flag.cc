#include "common/metrics/metrics_flag.h"

#include <string>
#include <utility>

#include "absl/flags/flag.h"
#include "common/listen_address.h"
#include "common/log.h"
#include "common/metrics/names.h"
#include "common/metrics/process_samples.h"
#include "common/settings.h"

ABSL_FLAG(std::string, metrics_listen, "",
          "address of /metrics, for Prometheus, and /healthz, host:port, as in 127.0.0.1:9464; "
          "there is no key to them, so only operators should reach it; empty: none");

namespace darkroom::metrics {

bool AreServed() { return !absl::GetFlag(FLAGS_metrics_listen).empty(); }

absl::Status CheckMetricsFlag() {
  if (!AreServed()) return absl::OkStatus();
  return OfFlag("metrics_listen", ParseListenAddress(absl::GetFlag(FLAGS_metrics_listen)).status());
}

absl::StatusOr<std::unique_ptr<Listener>> ListenerFromFlag(absl::string_view name,
                                                           Registry& registry) {
  if (!AreServed()) return nullptr;
  const std::string address = absl::GetFlag(FLAGS_metrics_listen);
  registry.Change(kBuildInfo, 1, name, DARKROOM_VERSION);
  const auto process = std::make_shared<Registry::Collector>(registry, &ShowProcess);
  absl::StatusOr<std::unique_ptr<Listener>> listener = Listener::Start(
      {.listen = address, .metrics = [&registry, process] { return registry.Text(); }});
  if (!listener.ok()) return OfFlag("metrics_listen", listener.status());
  log::Info("metrics are served", {{"port", (*listener)->port()}});
  return listener;
}

}  // namespace darkroom::metrics
