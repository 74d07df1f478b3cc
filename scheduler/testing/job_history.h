#ifndef DARKROOM_SCHEDULER_TESTING_JOB_HISTORY_H_
#define DARKROOM_SCHEDULER_TESTING_JOB_HISTORY_H_

#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "scheduler/core/event_bus.h"

namespace darkroom::scheduler {

// The newest EventBus::kHistory events of a job. Thread-compatible.
class JobHistory {
 public:
  // Returns the event's sequence.
  std::int64_t Add(EventBody body, absl::Time now) {
    events_.push_back({.sequence = ++last_, .time = now, .body = std::move(body)});
    if (static_cast<int>(events_.size()) > EventBus::kHistory) events_.pop_front();
    return last_;
  }

  // At most `limit` of those after a sequence.
  std::vector<JobEvent> Read(std::int64_t after, int limit) const {
    std::vector<JobEvent> read;
    for (const JobEvent& event : events_) {
      if (static_cast<int>(read.size()) == limit) break;
      if (event.sequence > after) read.push_back(event);
    }
    return read;
  }

 private:
  std::deque<JobEvent> events_;
  std::int64_t last_ = 0;
};

}  // namespace darkroom::scheduler

#endif  // DARKROOM_SCHEDULER_TESTING_JOB_HISTORY_H_
