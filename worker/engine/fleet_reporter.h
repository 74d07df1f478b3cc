#ifndef DARKROOM_WORKER_ENGINE_FLEET_REPORTER_H_
#define DARKROOM_WORKER_ENGINE_FLEET_REPORTER_H_

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <variant>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "darkroom/internal/v1/worker_record.pb.h"
#include "darkroom/v1/worker.pb.h"
#include "scheduler/core/fleet.h"
#include "worker/engine/mailbox.h"

namespace darkroom::worker {

// Tells the fleet every second how this worker is, and passes on what is wanted of it.
//
// One thread owns it and calls Run (or, in a test, Pump); NoteDraining, Leave and Stop may be
// called from any.
class FleetReporter {
 public:
  static constexpr absl::Duration kInterval = absl::Seconds(1);

  // What it calls, on its own thread; neither blocks.
  struct Hooks {
    // Adds how the worker is at the moment: models, jobs, rows, pictures_done; and measured costs.
    std::function<void(internal::v1::WorkerRecord& record)> describe;
    // What is wanted has changed; at first it is to serve.
    std::function<void(scheduler::WorkerWish wish)> obey;
    // How each report went; null: nobody wants to know.
    std::function<void(const absl::Status& status)> told = nullptr;
  };

  // `self`: what does not change. Fleet and clock outlive it.
  FleetReporter(std::string worker, v1::Worker self, Hooks hooks, scheduler::Fleet& fleet,
                const Clock& clock);

  // From now on it says that the worker drains.
  void NoteDraining() { mailbox_->Post(Draining{}); }
  // Says, once, that the worker ends; reports nothing more.
  void Leave() { mailbox_->Post(Leaving{}); }
  // True when the fleet has answered to that, whatever it was.
  bool left() const { return *left_; }
  void Stop() { mailbox_->Close(); }

  // Reports when it is due, never blocking, and returns how long nothing will be.
  absl::Duration Pump();
  // Pumps until Stop.
  void Run();

 private:
  struct Draining {};
  struct Leaving {};
  using Answer = absl::StatusOr<scheduler::WorkerWish>;
  using Message = std::variant<Draining, Leaving, Answer>;

  void Handle(Draining);
  void Handle(Leaving);
  void Handle(const Answer& answer);
  void Report();
  // Of the last minute, from how many there were at each report.
  std::int64_t CountPictures(std::int64_t done, absl::Time now);

  const std::string worker_;
  const v1::Worker self_;
  const Hooks hooks_;
  scheduler::Fleet& fleet_;
  const Clock& clock_;
  const std::shared_ptr<Mailbox<Message>> mailbox_ = std::make_shared<Mailbox<Message>>();
  const std::shared_ptr<std::atomic<bool>> left_ = std::make_shared<std::atomic<bool>>(false);
  scheduler::WorkerWish wish_ = scheduler::WorkerWish::kServe;
  bool draining_ = false;
  bool first_ = true;     // nothing was answered yet
  bool failing_ = false;  // the last report was, and that has been logged
  absl::Time due_ = absl::InfinitePast();
  std::deque<std::pair<absl::Time, std::int64_t>> pictures_;
};

}  // namespace darkroom::worker

#endif  // DARKROOM_WORKER_ENGINE_FLEET_REPORTER_H_
