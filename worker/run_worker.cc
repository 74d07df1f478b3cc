#include "worker/run_worker.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "absl/time/clock.h"
#include "common/clock.h"
#include "common/log.h"
#include "picture/decoder_process.h"
#include "worker/engine/adapter_list.h"
#include "worker/engine/adapter_watcher.h"
#include "worker/engine/input_loader.h"
#include "worker/engine/job_feeder.h"
#include "worker/engine/lease_keeper.h"
#include "worker/engine/model_announcer.h"
#include "worker/engine/publisher.h"
#include "worker/engine/step_engine.h"

namespace darkroom::worker {
namespace {

// After the grace period, for writing what was computed in it.
constexpr absl::Duration kFlushTime = absl::Seconds(5);
constexpr absl::Duration kLook = absl::Milliseconds(10);

// The classes of a worker, wired, each with its thread.
class Worker {
 public:
  Worker(const WorkerOptions& options, const std::vector<ServedModel>& models, WorkerPorts ports)
      : decoder_(options.decoder),
        inputs_(ports.results,
                {.picture = [this](absl::string_view file) { return decoder_.Decode(file); },
                 .mask = [this](absl::string_view file) { return decoder_.DecodeMask(file); }},
                clock_),
        publisher_(ports.leases, ports.events, ports.results, clock_),
        keeper_(ports.leases, ports.events, clock_),
        engine_(models, inputs_, publisher_, meter_, clock_, {options.max_rows, options.capacity},
                [this] { feeder_.NoteRowsFreed(); }),
        feeder_(FeederOptions(options, models), ports.leases, ports.events, keeper_, engine_,
                publisher_, clock_),
        announcer_(options.id, models, ports.models, meter_, clock_),
        watcher_(
            options.adapters,
            [this, &models](const std::vector<FoundAdapter>& all) { Take(all, models); }, clock_) {
    watcher_.Pump();
    threads_.emplace_back([this] { publisher_.Run(); });
    threads_.emplace_back([this] { keeper_.Run(); });
    threads_.emplace_back([this] { engine_.Run(); });
    threads_.emplace_back([this] { feeder_.Run(); });
    threads_.emplace_back([this] { announcer_.Run(); });
    threads_.emplace_back([this] { inputs_.Run(); });
    threads_.emplace_back([this] { watcher_.Run(); });
  }

  ~Worker() {
    watcher_.Stop();
    announcer_.Stop();
    feeder_.Stop();
    engine_.Stop();
    inputs_.Stop();
    keeper_.Stop();
    publisher_.Stop();
    for (std::thread& thread : threads_) thread.join();
  }

  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  void Drain(absl::Duration grace) {
    const absl::Time until = clock_.Now() + grace;
    announcer_.Withdraw();
    feeder_.Drain();
    engine_.Drain(until);
    // In this order: what the feeder still brings goes to the engine or the publisher, and what
    // the engine ends goes to the publisher.
    while (clock_.Now() < until + kFlushTime &&
           !(feeder_.drained() && engine_.idle() && publisher_.idle())) {
      absl::SleepFor(kLook);
    }
  }

 private:
  static JobFeeder::Options FeederOptions(const WorkerOptions& options,
                                          const std::vector<ServedModel>& models) {
    JobFeeder::Options feeder{.worker = options.id, .models = {}};
    for (const ServedModel& model : models) {
      feeder.models.push_back(model.id);
      feeder.max_images = std::max(feeder.max_images, model.backend->info().max_images);
    }
    return feeder;
  }

  // First the engine: a prompt is admitted as soon as the gateways know of an adapter.
  void Take(const std::vector<FoundAdapter>& adapters, const std::vector<ServedModel>& models) {
    StepEngine::AdaptersOfModels files;
    for (const ServedModel& model : models) {
      files[model.id] = FilesFor(model.backend->info().family, adapters);
    }
    engine_.SetAdapters(std::move(files));
    announcer_.SetAdapters(MakeAdapterList(adapters));
    log::Info("adapters found", {{"adapters", adapters.size()}});
  }

  const Clock& clock_ = Clock::System();
  StepMeter meter_;
  const picture::DecoderProcess decoder_;
  InputLoader inputs_;
  Publisher publisher_;
  LeaseKeeper keeper_;
  StepEngine engine_;
  JobFeeder feeder_;
  ModelAnnouncer announcer_;
  AdapterWatcher watcher_;
  std::vector<std::thread> threads_;  // last: they use all of the above
};

}  // namespace

void RunWorker(const WorkerOptions& options, std::vector<ServedModel> models, WorkerPorts ports,
               absl::AnyInvocable<void()> wait_for_drain) {
  Worker worker(options, models, ports);
  log::Info("worker serves", {{"worker", options.id}, {"models", models.size()}});
  wait_for_drain();
  log::Info("worker drains", {{"worker", options.id}});
  worker.Drain(options.drain_grace);
}

}  // namespace darkroom::worker
