#include "worker/run_worker.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/clock.h"
#include "common/log.h"
#include "google/protobuf/duration.pb.h"
#include "picture/decoder_process.h"
#include "worker/engine/adapter_list.h"
#include "worker/engine/cost_report.h"
#include "worker/engine/fleet_reporter.h"
#include "worker/engine/folder_watcher.h"
#include "worker/engine/input_loader.h"
#include "worker/engine/job_feeder.h"
#include "worker/engine/lease_keeper.h"
#include "worker/engine/model_announcer.h"
#include "worker/engine/publisher.h"
#include "worker/engine/step_engine.h"
#include "worker/worker_metrics.h"
#include "worker/worker_traces.h"

namespace darkroom::worker {
namespace {

// After the grace period, for writing what was computed in it.
constexpr absl::Duration kFlushTime = absl::Seconds(5);
// For saying that the worker ends; it is gone in any case after its timeout.
constexpr absl::Duration kFarewell = absl::Seconds(1);
constexpr absl::Duration kLook = absl::Milliseconds(10);
constexpr int kLowestPriority = 19;

google::protobuf::Duration ToProto(absl::Duration duration) {
  google::protobuf::Duration proto;
  proto.set_seconds(absl::IDivDuration(duration, absl::Seconds(1), &duration));
  proto.set_nanos(static_cast<std::int32_t>(absl::ToInt64Nanoseconds(duration)));
  return proto;
}

// Of all models, by id. What clients are told holds all that the feeder has to know.
using Announced = std::map<std::string, AnnouncedModel>;

Announced Describe(const std::vector<ServedModel>& models) {
  Announced announced;
  for (const ServedModel& model : models) announced.emplace(model.id, DescribeModel(model));
  return announced;
}

JobFeeder::Models FeederModels(const Announced& announced) {
  JobFeeder::Models models;
  for (const auto& [id, model] : announced) {
    models.ids.push_back(id);
    models.max_images = std::max(models.max_images, model.record.max_images());
  }
  return models;
}

std::vector<AnnouncedModel> AnnouncerModels(const Announced& announced) {
  std::vector<AnnouncedModel> models;
  for (const auto& [id, model] : announced) models.push_back(model);
  return models;
}

// What does not change of what is reported.
v1::Worker Describe(const WorkerOptions& options, absl::Time now) {
  v1::Worker self;
  self.set_name(absl::StrCat("workers/", options.id));
  char host[256] = {};
  gethostname(host, sizeof(host) - 1);
  self.set_host(host);
  self.set_version(DARKROOM_VERSION);
  self.set_device(options.device);
  self.set_row_capacity(options.capacity);
  self.mutable_start_time()->set_seconds(absl::ToUnixSeconds(now));
  return self;
}

// As the feeder asks; null where all models are in memory.
std::function<std::vector<std::string>()> IdsOf(
    const std::function<std::vector<ModelInMemory>()>& resident) {
  if (resident == nullptr) return nullptr;
  return [resident] {
    std::vector<std::string> ids;
    for (ModelInMemory& model : resident()) ids.push_back(std::move(model.id));
    return ids;
  };
}

std::function<std::vector<ModelInMemory>()> AllOf(const Announced& announced) {
  std::vector<ModelInMemory> models;
  for (const auto& [id, model] : announced) models.push_back({.id = id});
  return [models = std::move(models)] { return models; };
}

// Files are hashed on this thread, for many seconds, while a forward waits for its slowest core.
void StepAside() { setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kLowestPriority); }

std::unique_ptr<WorkObserver> ObserverFor(const WorkerOptions& options, const Clock& clock) {
  std::unique_ptr<WorkObserver> observer = MakeObserver(options.metrics);
  if (options.spans == nullptr) return observer;
  return Traced(std::move(observer), *options.spans, clock);
}

// The classes of a worker, wired, each with its thread.
class Worker {
 public:
  Worker(const WorkerOptions& options, WorkerModels models, WorkerPorts ports)
      : observer_(ObserverFor(options, clock_)),
        decoder_(options.decoder),
        announced_(Describe(models.models)),
        rescan_(std::move(models.rescan)),
        adapters_(options.adapters),
        inputs_(ports.results,
                {.picture = [this](absl::string_view file) { return decoder_.Decode(file); },
                 .mask = [this](absl::string_view file) { return decoder_.DecodeMask(file); }},
                clock_),
        publisher_(ports.leases, ports.events, ports.results, clock_, *observer_),
        keeper_(ports.leases, ports.events, clock_, *observer_),
        engine_(std::move(models.models), inputs_, publisher_, meter_, clock_,
                {options.max_rows, options.capacity, options.save_interval, observer_.get()},
                [this] { feeder_.NoteRowsFreed(); }),
        feeder_({options.id, options.slack, IdsOf(models.resident), options.stall_time,
                 observer_.get()},
                FeederModels(announced_), ports.leases, ports.events, keeper_, engine_, publisher_,
                clock_),
        health_(options.health),
        announcer_(options.id, AnnouncerModels(announced_), ports.models, meter_, clock_,
                   [this](const absl::Status& status) {
                     if (health_ != nullptr) health_->NoteAnnounced(status);
                   }),
        capacity_(options.capacity),
        resident_(models.resident ? std::move(models.resident) : AllOf(announced_)),
        traffic_(std::move(models.traffic)),
        device_memory_(options.device_memory),
        ask_to_drain_(options.ask_to_drain),
        reporter_(options.id, Describe(options, clock_.Now()),
                  {.describe = [this](internal::v1::WorkerRecord& record) { DescribeNow(record); },
                   .obey = [this](scheduler::WorkerWish wish) { Obey(wish); },
                   .told =
                       [this](const absl::Status& status) {
                         if (health_ != nullptr) health_->NoteReported(status);
                       }},
                  ports.fleet, clock_),
        adapter_watcher_([this] { return LookForAdapters(); }, clock_),
        model_watcher_([this] { return LookForModels(); }, clock_) {
    if (options.metrics != nullptr) {
      gauges_.emplace(*options.metrics, [this](metrics::Samples& samples) { Show(samples); });
    }
    adapter_watcher_.Pump();
    threads_.emplace_back([this] { publisher_.Run(); });
    threads_.emplace_back([this] { keeper_.Run(); });
    threads_.emplace_back([this] { engine_.Run(); });
    threads_.emplace_back([this] { feeder_.Run(); });
    threads_.emplace_back([this] { announcer_.Run(); });
    threads_.emplace_back([this] { reporter_.Run(); });
    threads_.emplace_back([this] { inputs_.Run(); });
    threads_.emplace_back([this] { adapter_watcher_.Run(); });
    if (!rescan_) return;
    threads_.emplace_back([this] {
      StepAside();
      model_watcher_.Run();
    });
  }

  ~Worker() {
    model_watcher_.Stop();
    adapter_watcher_.Stop();
    reporter_.Stop();
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
    if (health_ != nullptr) health_->NoteDraining();
    reporter_.NoteDraining();
    announcer_.Withdraw();
    feeder_.Drain();
    engine_.Drain(until);
    // In this order: what the feeder still brings goes to the engine or the publisher, and what
    // the engine ends goes to the publisher.
    while (clock_.Now() < until + kFlushTime &&
           !(feeder_.drained() && engine_.idle() && publisher_.idle())) {
      absl::SleepFor(kLook);
    }
    reporter_.Leave();
    const absl::Time last = clock_.Now() + kFarewell;
    while (clock_.Now() < last && !reporter_.left()) absl::SleepFor(kLook);
  }

 private:
  void DescribeNow(internal::v1::WorkerRecord& record) const {
    ReportCosts(meter_, record);
    v1::Worker& worker = *record.mutable_worker();
    for (const ModelInMemory& model : resident_()) {
      v1::ResidentModel& shown = *worker.add_resident_models();
      shown.set_model(absl::StrCat("models/", model.id));
      shown.set_size_bytes(model.bytes);
    }
    for (const std::string& id : feeder_.running()) worker.add_jobs(absl::StrCat("jobs/", id));
    worker.set_rows(capacity_ - engine_.free_rows());
    worker.set_pictures_done(meter_.pictures());
    const absl::Duration room = engine_.room_time() - clock_.Now();
    if (room < absl::InfiniteDuration()) {
      *worker.mutable_time_until_room() = ToProto(std::max(room, absl::ZeroDuration()));
    }
  }

  void Show(metrics::Samples& samples) const {
    ShowWorker({.images = capacity_ - engine_.free_rows(),
                .capacity = capacity_,
                .resident = resident_(),
                .traffic = traffic_ ? traffic_() : std::vector<ModelTraffic>(),
                .memory = device_memory_ ? device_memory_() : std::nullopt},
               samples);
  }

  void Obey(scheduler::WorkerWish wish) {
    feeder_.SetPaused(wish == scheduler::WorkerWish::kPause);
    if (wish == scheduler::WorkerWish::kDrain && ask_to_drain_ != nullptr) ask_to_drain_();
  }

  // First the engine: a prompt is admitted as soon as the gateways know of an adapter.
  FolderWatcher::Sight LookForAdapters() {
    if (adapters_.Rescan()) {
      engine_.SetAdapters(
          [all = adapters_.adapters()](absl::string_view family) { return FilesFor(family, all); });
      announcer_.SetAdapters(MakeAdapterList(adapters_.adapters()));
      log::Info("adapters found", {{"adapters", adapters_.adapters().size()}});
    }
    return FolderWatcher::Sight::kSettled;
  }

  // The engine knows a model before a job of it can be leased, and until none can be.
  FolderWatcher::Sight LookForModels() {
    ModelChanges changes = rescan_();
    if (!changes.added.empty() || !changes.gone.empty()) {
      for (const std::string& id : changes.gone) announced_.erase(id);
      for (const ServedModel& model : changes.added) {
        announced_.insert_or_assign(model.id, DescribeModel(model));
      }
      log::Info("models changed", {{"added", changes.added.size()},
                                   {"gone", changes.gone.size()},
                                   {"models", announced_.size()}});
      engine_.ChangeModels({.added = std::move(changes.added)});
      feeder_.SetModels(FeederModels(announced_));
      announcer_.SetModels(AnnouncerModels(announced_));
      engine_.ChangeModels({.gone = std::move(changes.gone)});
    }
    return changes.unsettled ? FolderWatcher::Sight::kUnsettled : FolderWatcher::Sight::kSettled;
  }

  const Clock& clock_ = Clock::System();
  const std::unique_ptr<WorkObserver> observer_;
  StepMeter meter_;
  const picture::DecoderProcess decoder_;
  Announced announced_;  // the model watcher's, once it runs
  const std::function<ModelChanges()> rescan_;
  AdapterCatalogue adapters_;
  InputLoader inputs_;
  Publisher publisher_;
  LeaseKeeper keeper_;
  StepEngine engine_;
  JobFeeder feeder_;
  WorkerHealth* const health_;
  ModelAnnouncer announcer_;
  const int capacity_;
  const std::function<std::vector<ModelInMemory>()> resident_;
  const std::function<std::vector<ModelTraffic>()> traffic_;
  const std::function<std::optional<diffusion::DeviceMemory>()> device_memory_;
  const std::function<void()> ask_to_drain_;
  FleetReporter reporter_;
  FolderWatcher adapter_watcher_;
  FolderWatcher model_watcher_;
  std::optional<metrics::Registry::Collector> gauges_;
  std::vector<std::thread> threads_;  // last: they use all of the above
};

}  // namespace

void RunWorker(const WorkerOptions& options, WorkerModels models, WorkerPorts ports,
               absl::AnyInvocable<void()> wait_for_drain) {
  const std::size_t count = models.models.size();
  Worker worker(options, std::move(models), ports);
  log::Info("worker serves", {{"worker", options.id}, {"models", count}});
  wait_for_drain();
  log::Info("worker drains", {{"worker", options.id}});
  worker.Drain(options.drain_grace);
}

}  // namespace darkroom::worker
