#ifndef DARKROOM_WORKER_WORKER_METRICS_H_
#define DARKROOM_WORKER_WORKER_METRICS_H_

#include <memory>
#include <optional>
#include <vector>

#include "common/metrics/registry.h"
#include "worker/diffusion/device_memory.h"
#include "worker/engine/served_model.h"
#include "worker/engine/work_observer.h"

namespace darkroom::worker {

// Counts the work as the metrics of a worker in common/metrics/names.h. The registry outlives it;
// null: it takes no notice.
std::unique_ptr<WorkObserver> MakeObserver(metrics::Registry* registry);

// How a worker is at one moment.
struct WorkerLoad {
  int images = 0;    // of the jobs that it has
  int capacity = 0;  // images at once
  std::vector<ModelInMemory> resident = {};
  std::vector<ModelTraffic> traffic = {};
  std::optional<diffusion::DeviceMemory> memory = {};  // of the device
};

// The same as metrics. Pure.
void ShowWorker(const WorkerLoad& load, metrics::Samples& samples);

}  // namespace darkroom::worker

#endif  // DARKROOM_WORKER_WORKER_METRICS_H_
