#ifndef DARKROOM_WORKER_ENGINE_STEP_ENGINE_H_
#define DARKROOM_WORKER_ENGINE_STEP_ENGINE_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/clock.h"
#include "common/rgb_image.h"
#include "scheduler/core/lease_store.h"
#include "worker/engine/active_job.h"
#include "worker/engine/cost_table.h"
#include "worker/engine/input_loader.h"
#include "worker/engine/mailbox.h"
#include "worker/engine/publisher.h"
#include "worker/engine/row_limits.h"
#include "worker/engine/served_model.h"
#include "worker/engine/step_meter.h"
#include "worker/engine/step_saver.h"
#include "worker/engine/work_observer.h"

namespace darkroom::worker {

// Computes the leased jobs of all models on one device. Each tick runs one forward, made of the
// next denoiser calls of whichever jobs the batch policy puts together, at most one piece of
// scaling a picture with a network, and at most one decode. Whatever happens to one job ends that
// job only:
//   - a job that is admitted joins at the next tick; one that is cancelled, past its deadline or
//     without its lease leaves at the next tick;
//   - out of memory halves the forward until it fits; a single row that does not fit fails its job
//     (OUT_OF_MEMORY), a row that is not finite fails its own (NUMERICAL_ERROR).
// A job that was begun elsewhere goes on from its saved step (step_saver.h). Pictures are encoded
// here as well: 4 ms for 512 × 512, less than a second thread would cost in code and memory.
//
// One thread, the device's, owns it and calls Run (or, in a test, Tick); the functions of the first
// group may be called from any.
class StepEngine {
 public:
  // Those that fit a family, as ModelInfo calls it.
  using AdaptersOf = std::function<diffusion::AdapterFiles(absl::string_view family)>;
  struct Options {
    int max_rows = 16;  // of one forward, besides the backend's own limit
    int capacity = 32;  // images that are computed at once
    absl::Duration save_interval = absl::Seconds(10);  // StepSaver's
    WorkObserver* observer = &WorkObserver::Nobody();  // outlives the engine
  };

  // The others outlive it; `inputs` calls back into nothing once its thread has ended. `rows_freed`
  // is called on the device's thread when a job has left.
  StepEngine(std::vector<ServedModel> models, InputLoader& inputs, Publisher& publisher,
             StepMeter& meter, const Clock& clock, Options options,
             std::function<void()> rows_freed);
  // Takes a leased job, or fails it when it cannot be read. One that begins with a picture is
  // computed from when that is there.
  void Admit(const scheduler::LeasedJob& job, std::shared_ptr<Lease> lease);
  // Images that could be taken now; negative when a job with many was taken last.
  int free_rows() const { return options_.capacity - reserved_; }
  // When that will be above zero, by the jobs' measured pace: InfinitePast while it is,
  // InfiniteFuture while it cannot be told.
  absl::Time room_time() const;
  // What prompts may call, of jobs that begin later; called on the device's thread.
  void SetAdapters(AdaptersOf adapters) { mailbox_->Post(std::move(adapters)); }
  // Jobs that have begun keep their model as it was; those that wait for one that has gone are
  // handed back without an attempt being spent.
  void ChangeModels(ModelChanges changes) { mailbox_->Post(std::move(changes)); }
  // Hands back, without an attempt being spent, every job that cannot be done by `until`.
  void Drain(absl::Time until);
  // True when no job is admitted.
  bool idle() const { return reserved_ == 0; }
  void Stop() { mailbox_->Close(); }

  // False when there is nothing to do until another job is admitted. Never waits.
  bool Tick();
  void Run();  // ticks until Stop; waits while there is nothing to do

 private:
  static constexpr std::int64_t kNotTold = std::numeric_limits<std::int64_t>::max();
  using ForwardKey = std::pair<ServedModel*, diffusion::BatchKey>;
  using LimitKey = std::pair<std::string, diffusion::BatchKey>;  // id of a model, shape
  struct DrainRequest {
    absl::Time until;
  };
  // What a denoiser call of an image is.
  struct CallSize {
    CostTable::Shape shape;     // as of all that share its forward
    int rows = 0;               // of the network
    int steps_done = 0;         // of the image, before it
    double default_images = 0;  // DefaultImages of its pass
  };
  // A job whose files are there, or why they are not.
  struct Arrival {
    std::unique_ptr<ActiveJob> job;
    absl::StatusOr<LoadedInput> input;
  };
  using Message =
      std::variant<std::unique_ptr<ActiveJob>, Arrival, DrainRequest, AdaptersOf, ModelChanges>;

  void TakeMail();
  void Handle(std::unique_ptr<ActiveJob> job) { jobs_.push_back(std::move(job)); }
  void Handle(Arrival arrival);
  void Handle(DrainRequest drain) { drain_until_ = drain.until; }
  void Handle(AdaptersOf adapters);
  void Handle(ModelChanges changes);
  // Ends the jobs that were cancelled, lost, expired or are to be handed back.
  void EndUnwanted();
  // In the order of arrival. A job whose model waits for room keeps those behind it waiting too.
  void BeginNew();
  void NoteWaiting(absl::Time now);  // leases of jobs that have not begun do not lapse for it
  void RunForward();
  // Halves the batch until it fits. Rows are the policy's; their numbers are indices of jobs_. Of
  // `room` images one may be.
  void StepBatch(const ForwardKey& key, std::vector<WaitingRow> batch, int room);
  void Observe(const ForwardKey& key, absl::Span<const WaitingRow> batch,
               absl::Span<const CallSize> sizes, int room, absl::Duration elapsed) const;
  void Deliver(const ForwardKey& key, absl::Span<const WaitingRow> batch,
               absl::Span<const CallSize> sizes, absl::Span<const absl::Status> statuses,
               absl::Duration elapsed);
  void ReportProgress();
  void SendPreview(ActiveJob& job, int image);
  void ScaleOne();
  void DecodeOne();
  void Decode(ActiveJob& job, int image);
  void Sweep();  // lets go of the jobs that have ended

  bool CannotFinish(const ActiveJob& job, absl::Time now) const;
  void Finish(ActiveJob& job, scheduler::JobOutcome outcome);
  void Fail(ActiveJob& job, const absl::Status& status, absl::string_view otherwise);
  absl::Duration TimeLeft(const ActiveJob& job) const;
  // room_time() while there is no room.
  absl::Time PredictRoom(absl::Time now) const;
  // How many pictures of the model's default size one of this size is.
  double DefaultImages(const ActiveJob& job, const diffusion::PictureSize& size) const;
  CallSize SizeOfCall(ActiveJob& job, int image) const;

  InputLoader& inputs_;
  Publisher& publisher_;
  StepMeter& meter_;
  const Clock& clock_;
  const Options options_;
  StepSaver saver_;
  const std::function<void()> rows_freed_;
  const std::shared_ptr<Mailbox<Message>> mailbox_ = std::make_shared<Mailbox<Message>>();
  std::atomic<int> reserved_ = 0;                               // images of admitted jobs
  std::atomic<std::int64_t> room_time_ = kNotTold;              // Unix µs, as of the last forward
  std::map<std::string, std::shared_ptr<ServedModel>> models_;  // by id
  AdaptersOf adapters_of_;                                      // null: never told
  std::int64_t tick_ = 0;
  absl::Time drain_until_ = absl::InfiniteFuture();
  std::vector<std::unique_ptr<ActiveJob>> jobs_;  // in the order of arrival
  RowLimits<LimitKey> limits_;
};

}  // namespace darkroom::worker

#endif  // DARKROOM_WORKER_ENGINE_STEP_ENGINE_H_
