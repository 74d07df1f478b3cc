#include "scheduler/monitor/pool_state.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>

#include "absl/strings/string_view.h"
#include "common/metrics/names.h"

namespace darkroom::scheduler {
namespace {

using metrics::Samples;

// No catalogue id has brackets.
constexpr absl::string_view kOtherModels = "(other)";

double ToSeconds(absl::Duration duration) { return absl::ToDoubleSeconds(duration); }

void ShowQueue(const PoolState& state, Samples& samples) {
  for (const TierDepth& tier : state.tiers) {
    samples.Set(metrics::kQueueDeviceTime, ToSeconds(tier.queued_cost), tier.tier);
    samples.Set(metrics::kTierWeight, static_cast<double>(tier.weight), tier.tier);
    std::int64_t others = tier.queued;
    for (const ModelDepth& model : tier.models) {
      others -= model.queued;
      samples.Set(metrics::kQueueJobs, static_cast<double>(model.queued), tier.tier, model.model);
      if (model.oldest == absl::InfiniteFuture()) continue;
      // The clocks of store and scheduler may differ a little.
      const absl::Duration age = std::max(state.read - model.oldest, absl::ZeroDuration());
      samples.Set(metrics::kQueueOldestAge, ToSeconds(age), tier.tier, model.model);
    }
    if (others <= 0) continue;
    samples.Set(metrics::kQueueJobs, static_cast<double>(others), tier.tier, kOtherModels);
  }
}

void ShowFleet(const PoolState& state, Samples& samples) {
  std::map<WorkerWish, int> workers;
  for (const WorkerEntry& worker : state.workers) ++workers[worker.wish];
  for (const WorkerWish wish : {WorkerWish::kServe, WorkerWish::kPause, WorkerWish::kDrain}) {
    samples.Set(metrics::kWorkers, workers[wish], WishName(wish));
  }
  for (const ModelEntry& model : state.models) {
    samples.Set(metrics::kModelWorkers, model.workers, model.id);
  }
}

void ShowPromises(const PoolState& state, Samples& samples) {
  for (const auto& [tier, errors] : state.promises) {
    samples.Set(metrics::kPromisedJobs, static_cast<double>(errors.first.total()), tier);
    const auto show = [&, &tier = tier](absl::string_view promise, const ErrorHistogram& error) {
      samples.Set(metrics::kPromiseError, error.Quantile(0.5), tier, promise, "50");
      samples.Set(metrics::kPromiseError, error.Quantile(0.9), tier, promise, "90");
    };
    show("first", errors.first);
    show("newest", errors.newest);
  }
}

}  // namespace

void ShowPool(const PoolState& state, Samples& samples) {
  samples.Set(metrics::kRedisMemory, static_cast<double>(state.store.memory_bytes));
  samples.Set(metrics::kRedisMemoryLimit, static_cast<double>(state.store.memory_limit_bytes));
  samples.Set(metrics::kRedisLogOk, state.store.log_ok ? 1 : 0);
  samples.Set(metrics::kRunningJobs, static_cast<double>(state.depth.running));
  samples.Set(metrics::kDeadLetters, static_cast<double>(state.depth.dead));
  ShowQueue(state, samples);
  ShowFleet(state, samples);
  ShowPromises(state, samples);
}

}  // namespace darkroom::scheduler
