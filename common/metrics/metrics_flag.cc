#include "common/metrics/metrics_flag.h"

#include <cstdio>
#include <string>
#include <utility>

#include "absl/flags/flag.h"
#include "absl/time/time.h"
#include "common/listen_address.h"
#include "common/log.h"
#include "common/metrics/health_check.h"
#include "common/metrics/names.h"
#include "common/metrics/process_samples.h"
#include "common/settings.h"

ABSL_FLAG(std::string, metrics_listen, "",
          "address of /metrics, for Prometheus, and /healthz, host:port, as in 127.0.0.1:9464; "
          "there is no key to them, so only operators should reach it; empty: none");
ABSL_FLAG(bool, check_health, false,
          "do nothing but ask the process that runs with this --metrics_listen how it is, and end: "
          "with 0 when it can do its work, with 1 and the reason otherwise");

namespace darkroom::metrics {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(3);

}  // namespace

bool AreServed() { return !absl::GetFlag(FLAGS_metrics_listen).empty(); }

absl::Status CheckMetricsFlag() {
  if (!AreServed()) return absl::OkStatus();
  return OfFlag("metrics_listen", ParseListenAddress(absl::GetFlag(FLAGS_metrics_listen)).status());
}

absl::StatusOr<std::unique_ptr<Listener>> ListenerFromFlag(absl::string_view name,
                                                           Registry& registry,
                                                           std::function<absl::Status()> healthy) {
  if (!AreServed()) return nullptr;
  const std::string address = absl::GetFlag(FLAGS_metrics_listen);
  registry.Change(kBuildInfo, 1, name, DARKROOM_VERSION);
  const auto process = std::make_shared<Registry::Collector>(registry, &ShowProcess);
  absl::StatusOr<std::unique_ptr<Listener>> listener =
      Listener::Start({.listen = address,
                       .metrics = [&registry, process] { return registry.Text(); },
                       .healthy = std::move(healthy)});
  if (!listener.ok()) return OfFlag("metrics_listen", listener.status());
  log::Info("metrics are served", {{"port", (*listener)->port()}});
  return listener;
}

std::optional<int> CheckHealthFromFlag() {
  if (!absl::GetFlag(FLAGS_check_health)) return std::nullopt;
  const absl::Status health =
      AreServed() ? CheckHealth(absl::GetFlag(FLAGS_metrics_listen), kPatience)
                  : absl::InvalidArgumentError(
                        "--check_health needs the --metrics_listen of the process to ask, as flag "
                        "or as DARKROOM_METRICS_LISTEN");
  if (health.ok()) return 0;
  std::fprintf(stderr, "%s\n", std::string(health.message()).c_str());
  return 1;
}

}  // namespace darkroom::metrics
