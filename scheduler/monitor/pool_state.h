#ifndef DARKROOM_SCHEDULER_MONITOR_POOL_STATE_H_
#define DARKROOM_SCHEDULER_MONITOR_POOL_STATE_H_

#include <vector>

#include "absl/time/time.h"
#include "common/metrics/samples.h"
#include "scheduler/core/fleet.h"
#include "scheduler/core/job_queue.h"
#include "scheduler/core/model_registry.h"
#include "scheduler/core/promise_meter.h"
#include "scheduler/core/store_meter.h"

namespace darkroom::scheduler {

// What there is to know about a pool at one moment.
struct PoolState {
  absl::Time read = absl::InfinitePast();
  StoreUsage store = {};
  QueueDepth depth = {};
  std::vector<TierDepth> tiers = {};
  std::vector<WorkerEntry> workers = {};
  std::vector<ModelEntry> models = {};
  PromiseErrors promises = {};
};

// As the metrics of the pool in common/metrics/names.h. Pure.
void ShowPool(const PoolState& state, metrics::Samples& samples);

}  // namespace darkroom::scheduler

#endif  // DARKROOM_SCHEDULER_MONITOR_POOL_STATE_H_
