#ifndef DARKROOM_SERVER_TESTING_MANUAL_LOOP_H_
#define DARKROOM_SERVER_TESTING_MANUAL_LOOP_H_

#include <deque>
#include <map>
#include <utility>

#include "common/testing/manual_clock.h"
#include "server/core/loop.h"

namespace darkroom::server {

// A loop that a test moves by hand, on a clock of its own. Single-threaded.
class ManualLoop : public Loop {
 public:
  void Post(Task task) override { ready_.push_back(std::move(task)); }
  void PostAfter(absl::Duration delay, Task task) override {
    later_.emplace(clock_.Now() + delay, std::move(task));
  }
  const ManualClock& clock() const override { return clock_; }

  // Runs everything that is due now, and what that posts.
  void RunReady() {
    while (!ready_.empty()) {
      Task task = std::move(ready_.front());
      ready_.pop_front();
      task();
    }
  }

  // Moves time forward, stopping at every timer on the way.
  void Advance(absl::Duration by) {
    RunReady();
    const absl::Time end = clock_.Now() + by;
    while (!later_.empty() && later_.begin()->first <= end) {
      clock_.Advance(later_.begin()->first - clock_.Now());
      ready_.push_back(std::move(later_.begin()->second));
      later_.erase(later_.begin());
      RunReady();
    }
    clock_.Advance(end - clock_.Now());
  }

 private:
  ManualClock clock_;
  std::deque<Task> ready_;
  std::multimap<absl::Time, Task> later_;
};

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_TESTING_MANUAL_LOOP_H_
