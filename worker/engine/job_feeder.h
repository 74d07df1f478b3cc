#ifndef DARKROOM_WORKER_ENGINE_JOB_FEEDER_H_
#define DARKROOM_WORKER_ENGINE_JOB_FEEDER_H_

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/random/random.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "common/mutex.h"
#include "scheduler/core/event_bus.h"
#include "scheduler/core/lease_store.h"
#include "worker/engine/lease_keeper.h"
#include "worker/engine/mailbox.h"
#include "worker/engine/publisher.h"
#include "worker/engine/step_engine.h"
#include "worker/engine/work_observer.h"

namespace darkroom::worker {

// Leases jobs while the engine has room, and hands each to the keeper and the engine. It asks when
// a job was queued, when room came free, and, since hints can be lost, at random moments 250 ms to
// 1 s apart. A request that fails may have leased jobs all the same: it is repeated with the same
// token until its outcome is known. While a job it has leased is stalled it leases nothing new: the
// step that holds that job up would hold up the others, and a job that comes back from there, as it
// may to this very worker, has one attempt less.
//
// One thread owns it and calls Run (or, in a test, Pump); the functions of the first group may be
// called from any.
class JobFeeder {
 public:
  // How long a drain goes on asking for the outcome of a request that has failed.
  static constexpr absl::Duration kDrainPatience = absl::Seconds(5);

  // What to lease jobs of.
  struct Models {
    std::vector<std::string> ids;
    // The most images that one job of these models has: how many jobs are sure to fit is not known
    // otherwise before they are leased.
    int max_images = 1;
  };

  // How far jobs of others may wait for the sake of a loaded model, or of a full batch
  // (LeaseRequest).
  struct Slack {
    absl::Duration affinity = absl::Seconds(30);
    absl::Duration fill = absl::Seconds(15);
  };

  // In whose name it asks.
  struct Asker {
    std::string worker;  // catalogue id
    Slack slack = {};
    // Ids of the models that are loaded; null: all are.
    std::function<std::vector<std::string>()> resident = nullptr;
    absl::Duration stall = Lease::kStall;              // of what it leases
    WorkObserver* observer = &WorkObserver::Nobody();  // outlives the feeder
  };

  // All but the first two outlive it.
  JobFeeder(Asker asker, Models models, scheduler::LeaseStore& leases, scheduler::EventBus& events,
            LeaseKeeper& keeper, StepEngine& engine, Publisher& publisher, const Clock& clock);

  // In place of those before.
  void SetModels(Models models) { mailbox_->Post(std::move(models)); }
  void NoteRowsFreed() { mailbox_->Post(Nudged{}); }
  // Leases nothing new while it is paused; what an earlier request has leased is taken still.
  void SetPaused(bool paused) { mailbox_->Post(Paused{paused}); }
  // Ids of the jobs that were taken and have not ended.
  std::vector<scheduler::JobId> running() const;
  // Leases nothing more; what an earlier request still brings, or has leased without an answer, is
  // handed back.
  void Drain() { mailbox_->Post(Drained{}); }
  // True when the drain has reached it and the outcome of every request is known.
  bool drained() const { return drained_; }
  void Stop() { mailbox_->Close(); }

  // Leases what fits, never blocking, and returns how long there is nothing to do.
  absl::Duration Pump();
  // Pumps until Stop.
  void Run();

 private:
  struct Nudged {};
  struct Drained {};
  struct Paused {
    bool paused;
  };
  using Answer = absl::StatusOr<std::vector<scheduler::LeasedJob>>;
  using Message = std::variant<Nudged, Models, Drained, Paused, Answer>;

  void Handle(Nudged) { due_ = absl::InfinitePast(); }
  void Handle(Models models);
  void Handle(Drained);
  void Handle(Paused wish);
  void Handle(Answer answer);
  void Take(const scheduler::LeasedJob& job);
  void Acquire(int free_rows);
  bool leases_nothing_new() const { return draining_ || paused_ || stalled_; }
  // Whether a job is stalled now; says so in the log when that changes.
  bool LookForStalled();
  // For so many jobs, of all models; the loaded ones come first.
  scheduler::LeaseRequest RequestFor(int limit) const;
  void PollLater();

  const Asker asker_;
  Models models_;
  scheduler::LeaseStore& leases_;
  LeaseKeeper& keeper_;
  StepEngine& engine_;
  Publisher& publisher_;
  const Clock& clock_;
  const std::shared_ptr<Mailbox<Message>> mailbox_ = std::make_shared<Mailbox<Message>>();
  std::atomic<bool> drained_ = false;

  absl::BitGen random_;
  absl::Time due_ = absl::InfinitePast();  // of the next request
  std::string token_;                      // of the request whose outcome is not known, or empty
  bool in_flight_ = false;
  bool draining_ = false;
  bool paused_ = false;
  bool stalled_ = false;  // when it last looked
  mutable Mutex mutex_;
  mutable std::vector<std::shared_ptr<Lease>> taken_ ABSL_GUARDED_BY(mutex_);  // some have ended
  absl::Time give_up_ = absl::InfiniteFuture();  // from then on the drain asks no more
  // Last, so that no hint comes once the others are going.
  std::unique_ptr<scheduler::Subscription> hints_;
};

}  // namespace darkroom::worker

#endif  // DARKROOM_WORKER_ENGINE_JOB_FEEDER_H_
