#ifndef DARKROOM_WORKER_ENGINE_PUBLISHER_H_
#define DARKROOM_WORKER_ENGINE_PUBLISHER_H_

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <variant>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "scheduler/core/event_bus.h"
#include "scheduler/core/lease_store.h"
#include "scheduler/core/result_store.h"
#include "worker/engine/lease.h"
#include "worker/engine/mailbox.h"
#include "worker/engine/outbox.h"
#include "worker/engine/work_observer.h"

namespace darkroom::worker {

// Everything that a worker writes about its jobs: progress, previews, pictures, saved steps,
// outcomes. Computing never waits for the store: what cannot be written now is written later, until
// it is or the lease turns out to be lost, and then the rest of the job is dropped silently.
//
// Progress is at most four events a second and job, the newest, and always the last step. An image
// is stored before its event is, and all images before the job's success. A job whose pictures the
// store refuses for kStorePatience fails with RESULT_NOT_STORED. Saved steps are large and come of
// all jobs at once when the worker stops: one is under way at a time.
//
// One thread owns it and calls Run (or, in a test, Pump); the functions of the first group only
// post to its mailbox and may be called from any thread.
class Publisher {
 public:
  static constexpr absl::Duration kStorePatience = absl::Seconds(30);

  // What it is given outlives it.
  Publisher(scheduler::LeaseStore& leases, scheduler::EventBus& events,
            scheduler::ResultStore& results, const Clock& clock,
            WorkObserver& observer = WorkObserver::Nobody());

  // Any thread.
  void Progress(std::shared_ptr<Lease> lease, scheduler::ProgressEvent event);
  void Preview(std::shared_ptr<Lease> lease, scheduler::PreviewEvent event, std::string jpeg);
  void Image(std::shared_ptr<Lease> lease, int image, std::string png);
  // A SavedStep, which may be lost: another comes, or the job begins anew.
  void Step(std::shared_ptr<Lease> lease, std::string step);
  // Nothing may follow for this lease.
  void Finish(std::shared_ptr<Lease> lease, scheduler::JobOutcome outcome);
  // Hands the job back to the queue. Nothing may follow for this lease.
  void Release(std::shared_ptr<Lease> lease);
  // True when nothing waits to be written.
  bool idle() const { return posted_ == 0 && busy_ == 0; }
  void Stop() { mailbox_->Close(); }

  // Sends what is due, never blocking, and returns how long nothing will be.
  absl::Duration Pump();
  // Pumps until Stop.
  void Run();

 private:
  struct Added {
    std::shared_ptr<Lease> lease;
    Parcel parcel;
  };
  struct Answered {
    std::shared_ptr<Lease> lease;
    absl::Status status;
  };
  using Message = std::variant<Added, Answered>;

  void Post(std::shared_ptr<Lease> lease, Parcel parcel);
  void Handle(Added added);
  void Handle(Answered answered);
  // Tells the observer of the parcel in flight, which was taken.
  void Observe(const JobLabels& job, const Outbox& outbox);
  // Decides what becomes of the parcel in flight.
  void HandleFailure(Lease& lease, Outbox& outbox, const absl::Status& status);
  void Send(const std::shared_ptr<Lease>& lease, const Parcel& parcel);
  Done AnswerTo(const std::shared_ptr<Lease>& lease);

  scheduler::LeaseStore& leases_;
  scheduler::EventBus& events_;
  scheduler::ResultStore& results_;
  const Clock& clock_;
  WorkObserver& observer_;
  const std::shared_ptr<Mailbox<Message>> mailbox_ = std::make_shared<Mailbox<Message>>();
  std::atomic<int> posted_ = 0;  // parcels that Pump has not seen; lowered after busy_ is set
  std::atomic<int> busy_ = 0;    // boxes with something in them
  std::map<std::shared_ptr<Lease>, Outbox> outboxes_;  // of open leases
  std::shared_ptr<Lease> saving_;                      // whose step is in flight; null: nobody's
};

}  // namespace darkroom::worker

#endif  // DARKROOM_WORKER_ENGINE_PUBLISHER_H_
