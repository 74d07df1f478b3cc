#ifndef DARKROOM_SERVER_CORE_PENDING_EVENTS_H_
#define DARKROOM_SERVER_CORE_PENDING_EVENTS_H_

#include <cstddef>
#include <deque>

#include "scheduler/core/job_event.h"

namespace darkroom::server {

// Events that have been read but not yet sent, oldest first. A newer progress replaces an older
// one, and a newer preview one of the same image; nothing else is ever dropped. So a slow reader's
// queue stays within a few events whatever happens meanwhile. Not thread-safe.
class PendingEvents {
 public:
  // From here on the owner stops reading ahead.
  static constexpr std::size_t kFull = 32;

  // `event` is newer than all events before it.
  void Add(scheduler::JobEvent event);
  // Takes the oldest; the queue is not empty.
  scheduler::JobEvent Take();
  // Puts back what Take returned.
  void PutBack(scheduler::JobEvent event);

  bool empty() const { return events_.empty(); }
  bool full() const { return events_.size() >= kFull; }

 private:
  std::deque<scheduler::JobEvent> events_;
};

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_CORE_PENDING_EVENTS_H_
