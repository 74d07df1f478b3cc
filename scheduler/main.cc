// darkroom-scheduler: takes jobs back from lost workers and expires late ones. Any number may run.

#include <memory>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/clock.h"
#include "common/drain.h"
#include "common/log.h"
#include "common/metrics/metrics_flag.h"
#include "common/metrics/names.h"
#include "common/metrics/registry.h"
#include "common/settings.h"
#include "common/status_macros.h"
#include "scheduler/monitor/pool_monitor.h"
#include "scheduler/reaper/reaper.h"
#include "scheduler/redis/connect.h"
#include "scheduler/redis/redis_flags.h"

namespace {

using darkroom::metrics::kReapedJobs;
using darkroom::scheduler::Connect;
using darkroom::scheduler::PoolMonitor;
using darkroom::scheduler::Reaper;
using darkroom::scheduler::ReapReport;
using darkroom::scheduler::RedisOptions;
using darkroom::scheduler::RedisPorts;

void Count(const ReapReport& report, darkroom::metrics::Registry& registry) {
  registry.Add(kReapedJobs, report.requeued, "requeued");
  registry.Add(kReapedJobs, report.dead, "dead");
  registry.Add(kReapedJobs, report.expired, "expired");
  registry.Add(kReapedJobs, report.adopted, "adopted");
}

std::vector<absl::Status> CheckFlags() {
  std::vector<absl::Status> found = darkroom::scheduler::CheckRedisFlags();
  found.push_back(darkroom::metrics::CheckMetricsFlag());
  return found;
}

absl::Status Run(darkroom::DrainSignal& drain) {
  DARKROOM_RETURN_IF_ERROR(darkroom::FirstError(CheckFlags()));
  DARKROOM_ASSIGN_OR_RETURN(const RedisOptions options,
                            darkroom::scheduler::RedisOptionsFromFlags());
  DARKROOM_ASSIGN_OR_RETURN(const std::unique_ptr<RedisPorts> ports, Connect(options));
  darkroom::metrics::Registry registry;
  std::optional<PoolMonitor> monitor;
  if (darkroom::metrics::AreServed()) {
    monitor.emplace(PoolMonitor::Ports{ports->store(), ports->jobs(), ports->fleet(),
                                       ports->models(), ports->promises()},
                    registry, darkroom::Clock::System());
  }
  DARKROOM_ASSIGN_OR_RETURN(const std::unique_ptr<darkroom::metrics::Listener> listener,
                            darkroom::metrics::ListenerFromFlag(
                                "scheduler", registry, [&monitor] { return monitor->health(); }));
  const Reaper reaper(&ports->leases(), Reaper::kInterval,
                      [&registry](const ReapReport& report) { Count(report, registry); });
  darkroom::log::Info("scheduler is running", {{"pool", options.pool}});
  drain.Wait();
  return absl::OkStatus();
}

}  // namespace

int main(int argc, char** argv) {
  const auto settings = darkroom::Settings::Parse(
      "scheduler", "Keeps the job queue of a Darkroom pool in order.", argc, argv);
  if (settings.only_check()) return settings.Report(CheckFlags());
  if (const std::optional<int> status = darkroom::metrics::CheckHealthFromFlag()) return *status;
  darkroom::DrainSignal drain;
  darkroom::log::Start("scheduler");
  const absl::Status status = Run(drain);
  if (!status.ok()) darkroom::log::Error("scheduler failed", {{"why", status.message()}});
  darkroom::log::Flush();
  return status.ok() ? 0 : 1;
}
