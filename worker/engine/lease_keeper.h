#ifndef DARKROOM_WORKER_ENGINE_LEASE_KEEPER_H_
#define DARKROOM_WORKER_ENGINE_LEASE_KEEPER_H_

#include <map>
#include <memory>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "scheduler/core/event_bus.h"
#include "scheduler/core/lease_store.h"
#include "worker/engine/lease.h"
#include "worker/engine/mailbox.h"
#include "worker/engine/work_observer.h"

namespace darkroom::worker {

// Renews the leases of the jobs that advance, and learns on the way which were cancelled and which
// are lost. A stalled job is not renewed: the reaper then gives it to another worker. A hint on the
// job's topic brings its renewal forward, so that a cancel is known within a second.
//
// One thread owns it and calls Run (or, in a test, Pump); Hold and Stop may be called from any.
class LeaseKeeper {
 public:
  static constexpr absl::Duration kInterval = absl::Seconds(4);
  // After an error of the store, and between two looks at a stalled job.
  static constexpr absl::Duration kRetry = absl::Seconds(1);
  // Least time between two renewals of a job, however many hints come.
  static constexpr absl::Duration kHintInterval = absl::Milliseconds(500);

  // What it is given outlives it.
  LeaseKeeper(scheduler::LeaseStore& leases, scheduler::EventBus& events, const Clock& clock,
              WorkObserver& observer = WorkObserver::Nobody());

  // Keeps this lease, beginning at once, until it is lost or closed.
  void Hold(std::shared_ptr<Lease> lease);
  void Stop() { mailbox_->Close(); }

  // Renews what is due, never blocking, and returns how long nothing will be.
  absl::Duration Pump();
  // Pumps until Stop.
  void Run();

 private:
  struct Held {
    std::unique_ptr<scheduler::Subscription> hints;
    absl::Time renewed = absl::InfinitePast();
    absl::Time due = absl::InfinitePast();
    bool in_flight = false;
  };
  struct Added {
    std::shared_ptr<Lease> lease;
  };
  struct Hinted {
    std::shared_ptr<Lease> lease;
  };
  struct Answered {
    std::vector<std::shared_ptr<Lease>> leases;
    absl::StatusOr<std::vector<scheduler::LeaseStatus>> statuses;
  };
  using Message = std::variant<Added, Hinted, Answered>;

  void Handle(Added added);
  void Handle(Hinted hinted);
  void Handle(Answered answered);
  // Renews up to 100 leases that are due; false when none is.
  bool RenewSome();

  scheduler::LeaseStore& leases_;
  scheduler::EventBus& events_;
  const Clock& clock_;
  WorkObserver& observer_;
  const std::shared_ptr<Mailbox<Message>> mailbox_ = std::make_shared<Mailbox<Message>>();
  std::map<std::shared_ptr<Lease>, Held> held_;
};

}  // namespace darkroom::worker

#endif  // DARKROOM_WORKER_ENGINE_LEASE_KEEPER_H_
