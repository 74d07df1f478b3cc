#ifndef DARKROOM_WORKER_RUN_WORKER_H_
#define DARKROOM_WORKER_RUN_WORKER_H_

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "common/metrics/registry.h"
#include "common/trace/span.h"
#include "scheduler/core/event_bus.h"
#include "scheduler/core/fleet.h"
#include "scheduler/core/lease_store.h"
#include "scheduler/core/model_registry.h"
#include "scheduler/core/result_store.h"
#include "worker/diffusion/device_memory.h"
#include "worker/engine/adapter_catalogue.h"
#include "worker/engine/job_feeder.h"
#include "worker/engine/served_model.h"
#include "worker/worker_health.h"

namespace darkroom::worker {

struct WorkerOptions {
  std::string id;     // catalogue id, unlike that of every other worker
  int max_rows = 16;  // of one forward, at least 1
  int capacity = 32;  // images computed at once, at least 1
  absl::Duration drain_grace = absl::Seconds(20);
  absl::Duration save_interval = absl::Seconds(10);  // StepSaver's
  absl::Duration stall_time = Lease::kStall;
  JobFeeder::Slack slack = {};
  std::filesystem::path decoder = {};  // darkroom-decode
  AdapterRoots adapters = {};          // what prompts may call; looked at again and again
  std::string device = "";             // for people: what it computes on
  // Has `wait_for_drain` of RunWorker return: an administrator wants the worker to end. On a thread
  // of the worker's; null: cannot be asked.
  std::function<void()> ask_to_drain = nullptr;
  // Who has the device's memory; any thread may ask. Null: it is not told.
  std::function<std::optional<diffusion::DeviceMemory>()> device_memory = nullptr;
  metrics::Registry* metrics = nullptr;  // has the work counted in it; null: nowhere
  trace::SpanSink* spans = nullptr;      // gets those of sampled jobs; null: nobody does
  WorkerHealth* health = nullptr;        // is told how the worker is; null: nobody is
};

struct WorkerPorts {
  scheduler::LeaseStore& leases;
  scheduler::EventBus& events;
  scheduler::ResultStore& results;
  scheduler::ModelRegistry& models;
  scheduler::Fleet& fleet;
};

// What a worker serves.
struct WorkerModels {
  std::vector<ServedModel> models;  // at first
  // What has changed since; called every few seconds, on a thread of its own. Null: nothing does.
  std::function<ModelChanges()> rescan = nullptr;
  // Those whose weights are in memory; any thread may ask. Null: all are, always.
  std::function<std::vector<ModelInMemory>()> resident = nullptr;
  // How often models were loaded; any thread may ask. Null: they are in memory from the start.
  std::function<std::vector<ModelTraffic>()> traffic = nullptr;
};

// Serves jobs for these models until `wait_for_drain` returns; it is called once, on
// this thread. Then leases nothing more, finishes what can be finished within the grace period,
// hands the rest back to the queue, and returns when all of that is written or the period is over.
//
// Starts nine threads: the device's (StepEngine), one each for JobFeeder, InputLoader, LeaseKeeper,
// Publisher, ModelAnnouncer and FleetReporter, and two FolderWatchers, of adapters and of models.
// They share nothing but mailboxes, leases and the step meter. Adapters are known before the models
// are announced.
void RunWorker(const WorkerOptions& options, WorkerModels models, WorkerPorts ports,
               absl::AnyInvocable<void()> wait_for_drain);

}  // namespace darkroom::worker

#endif  // DARKROOM_WORKER_RUN_WORKER_H_
