#ifndef DARKROOM_SCHEDULER_MONITOR_POOL_MONITOR_H_
#define DARKROOM_SCHEDULER_MONITOR_POOL_MONITOR_H_

#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "common/metrics/registry.h"
#include "common/mutex.h"
#include "scheduler/monitor/pool_state.h"

namespace darkroom::scheduler {

// Reads a pool every five seconds, on a thread of its own, for whoever scrapes the registry: six
// reading operations, so that no number of scrapes is a load on the store. What was read last is
// shown; after an error nothing of the pool is, but darkroom_redis_up 0.
class PoolMonitor {
 public:
  static constexpr absl::Duration kInterval = absl::Seconds(5);

  struct Ports {
    StoreMeter& store;
    JobQueue& jobs;
    Fleet& fleet;
    ModelRegistry& models;
    PromiseMeter& promises;
  };

  // Ports, registry and clock outlive it. It runs from here to its destruction.
  PoolMonitor(const Ports& ports, metrics::Registry& registry, const Clock& clock,
              absl::Duration interval = kInterval);
  // Waits for the reading under way.
  ~PoolMonitor();
  PoolMonitor(const PoolMonitor&) = delete;
  PoolMonitor& operator=(const PoolMonitor&) = delete;

  // OK when the last reading succeeded; its error, or UNAVAILABLE before the first. Thread-safe.
  absl::Status health() const;

 private:
  void Run();
  absl::StatusOr<PoolState> Read();
  void Keep(absl::StatusOr<PoolState> state);
  void Show(metrics::Samples& samples) const;

  const Ports ports_;
  metrics::Registry& registry_;
  const Clock& clock_;
  const absl::Duration interval_;
  bool failing_ = false;  // of its thread
  mutable Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool tried_ ABSL_GUARDED_BY(mutex_) = false;
  // Of the last reading.
  absl::StatusOr<PoolState> state_ ABSL_GUARDED_BY(mutex_) =
      absl::UnavailableError("the pool has not been read yet");
  const metrics::Registry::Collector collector_;
  std::thread thread_;
};

}  // namespace darkroom::scheduler

#endif  // DARKROOM_SCHEDULER_MONITOR_POOL_MONITOR_H_
