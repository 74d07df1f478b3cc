#include "scheduler/monitor/pool_monitor.h"

#include <utility>

#include "common/await.h"
#include "common/log.h"
#include "common/metrics/names.h"
#include "common/status_macros.h"

namespace darkroom::scheduler {
namespace {

constexpr absl::Duration kReadTimeout = absl::Seconds(5);

template <typename T, typename Start>
absl::StatusOr<T> ReadOne(Start start) {
  return Await<T>(kReadTimeout, [&start](Callback<T> done) { start(std::move(done)); });
}

}  // namespace

PoolMonitor::PoolMonitor(const Ports& ports, metrics::Registry& registry, const Clock& clock,
                         absl::Duration interval)
    : ports_(ports),
      registry_(registry),
      clock_(clock),
      interval_(interval),
      collector_(registry, [this](metrics::Samples& samples) { Show(samples); }) {
  thread_ = std::thread([this] { Run(); });
}

PoolMonitor::~PoolMonitor() {
  {
    MutexLock lock(&mutex_);
    stopping_ = true;
  }
  thread_.join();
}

void PoolMonitor::Run() {
  MutexLock lock(&mutex_);
  while (!stopping_) {
    mutex_.Unlock();
    Keep(Read());
    mutex_.Lock();
    mutex_.AwaitWithTimeout([this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return stopping_; },
                            interval_);
  }
}

absl::StatusOr<PoolState> PoolMonitor::Read() {
  PoolState state;
  const absl::Time start = clock_.Now();
  DARKROOM_ASSIGN_OR_RETURN(state.store, ReadOne<StoreUsage>([this](auto done) {
                              ports_.store.MeasureStore(std::move(done));
                            }));
  state.read = clock_.Now();
  registry_.Observe(metrics::kRedisRoundTrip, absl::ToDoubleSeconds(state.read - start));
  DARKROOM_ASSIGN_OR_RETURN(
      state.depth, ReadOne<QueueDepth>([this](auto done) { ports_.jobs.Depth(std::move(done)); }));
  DARKROOM_ASSIGN_OR_RETURN(state.tiers, ReadOne<std::vector<TierDepth>>([this](auto done) {
                              ports_.jobs.DepthByTier(std::move(done));
                            }));
  DARKROOM_ASSIGN_OR_RETURN(state.workers, ReadOne<std::vector<WorkerEntry>>([this](auto done) {
                              ports_.fleet.ListWorkers(std::move(done));
                            }));
  DARKROOM_ASSIGN_OR_RETURN(state.models, ReadOne<std::vector<ModelEntry>>([this](auto done) {
                              ports_.models.List(std::move(done));
                            }));
  DARKROOM_ASSIGN_OR_RETURN(state.promises, ReadOne<PromiseErrors>([this](auto done) {
                              ports_.promises.ReadPromises(std::move(done));
                            }));
  return state;
}

void PoolMonitor::Keep(absl::StatusOr<PoolState> state) {
  if (!state.ok() && !failing_) {
    log::Warning("cannot read the pool for its metrics", {{"why", state.status().message()}});
  }
  failing_ = !state.ok();
  MutexLock lock(&mutex_);
  tried_ = true;
  state_ = std::move(state);
}

absl::Status PoolMonitor::health() const {
  MutexLock lock(&mutex_);
  return state_.status();
}

void PoolMonitor::Show(metrics::Samples& samples) const {
  MutexLock lock(&mutex_);
  if (!tried_) return;
  samples.Set(metrics::kRedisUp, state_.ok() ? 1 : 0);
  if (state_.ok()) ShowPool(*state_, samples);
}

}  // namespace darkroom::scheduler
