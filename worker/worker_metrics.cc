#include "worker/worker_metrics.h"

#include <variant>

#include "absl/time/time.h"
#include "common/metrics/names.h"

namespace darkroom::worker {
namespace {

class CountingObserver : public WorkObserver {
 public:
  explicit CountingObserver(metrics::Registry& registry) : registry_(registry) {
    registry_.Add(metrics::kLostLeases, 0);  // whose first rise is to be seen
  }

  void NoteFirstLease(const JobLabels& job, absl::Duration waited) override {
    registry_.Observe(metrics::kWaitSeconds, absl::ToDoubleSeconds(waited), job.tier);
    // Those whose first rise is to be seen.
    for (const char* outcome : {"succeeded", "failed", "cancelled", "expired", "released"}) {
      registry_.Add(metrics::kJobs, 0, job.tier, outcome);
    }
  }

  void NoteForward(const Forward& forward) override {
    registry_.Observe(metrics::kForwardSeconds, absl::ToDoubleSeconds(forward.elapsed),
                      forward.model);
    registry_.Observe(metrics::kForwardImages, forward.images, forward.model);
    registry_.Add(metrics::kForwardRoom, forward.room, forward.model);
    registry_.Add(metrics::kForwardRows, forward.rows, forward.model);
    for (const auto& [tier, steps] : forward.steps) {
      registry_.Add(metrics::kSteps, steps, tier, forward.model);
    }
  }
  void NotePicture(const JobLabels& job, const Picture& picture) override {
    if (picture.decoded) {
      registry_.Observe(metrics::kDecodeSeconds, absl::ToDoubleSeconds(picture.decode), job.model);
    }
    registry_.Observe(metrics::kEncodeSeconds, absl::ToDoubleSeconds(picture.encode), job.model);
    registry_.Add(metrics::kPictures, 1, job.tier, job.model);
  }
  void NoteEnd(const JobLabels& job, const scheduler::JobOutcome& outcome, absl::Duration age,
               absl::Duration /*elapsed*/) override {
    registry_.Add(metrics::kJobs, 1, job.tier, scheduler::OutcomeName(outcome));
    registry_.Add(metrics::kDeviceSeconds, absl::ToDoubleSeconds(DeviceTimeOf(outcome)), job.tier,
                  job.model);
    if (std::holds_alternative<scheduler::Succeeded>(outcome)) {
      registry_.Observe(metrics::kEndToEndSeconds, absl::ToDoubleSeconds(age), job.tier);
    }
    if (const auto* failed = std::get_if<scheduler::Failed>(&outcome)) {
      registry_.Add(metrics::kFailedJobs, 1, failed->failure.reason);
    }
  }
  void NoteParting(const JobLabels& job, Parting parting) override {
    if (parting == Parting::kLost) {
      registry_.Add(metrics::kLostLeases, 1);
    } else {
      registry_.Add(metrics::kJobs, 1, job.tier, "released");
    }
  }

 private:
  metrics::Registry& registry_;
};

}  // namespace

std::unique_ptr<WorkObserver> MakeObserver(metrics::Registry* registry) {
  if (registry == nullptr) return std::make_unique<WorkObserver>();
  return std::make_unique<CountingObserver>(*registry);
}

void ShowWorker(const WorkerLoad& load, metrics::Samples& samples) {
  samples.Set(metrics::kImages, load.images);
  samples.Set(metrics::kImageCapacity, load.capacity);
  if (load.memory) {
    samples.Set(metrics::kDeviceMemory, static_cast<double>(load.memory->worker), "worker");
    samples.Set(metrics::kDeviceMemory, static_cast<double>(load.memory->others), "others");
    samples.Set(metrics::kDeviceMemory, static_cast<double>(load.memory->free), "free");
  }
  for (const ModelInMemory& model : load.resident) {
    samples.Set(metrics::kResidentBytes, static_cast<double>(model.bytes), model.id);
  }
  for (const ModelTraffic& model : load.traffic) {
    samples.Set(metrics::kModelLoads, static_cast<double>(model.loads), model.id);
    samples.Set(metrics::kModelLoadSeconds, absl::ToDoubleSeconds(model.load_time), model.id);
    samples.Set(metrics::kModelLoadFailures, static_cast<double>(model.failures), model.id);
    samples.Set(metrics::kModelEvictions, static_cast<double>(model.evictions), model.id);
  }
}

}  // namespace darkroom::worker
