#ifndef DARKROOM_SCHEDULER_CORE_HINT_SLOT_H_
#define DARKROOM_SCHEDULER_CORE_HINT_SLOT_H_

#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "common/mutex.h"
#include "scheduler/core/event_bus.h"

namespace darkroom::scheduler {

// Holds the hint of one subscription and runs it safely: never twice at a time, never under a lock,
// and never after Close. A call that comes while the hint runs (from another thread, or from inside
// the hint itself) makes it run once more afterwards. Thread-safe.
class HintSlot {
 public:
  explicit HintSlot(EventBus::Hint hint) : hint_(std::move(hint)) {}

  void Call();

  // Waits for a hint that is running, except when it is called from inside that hint.
  void Close();

 private:
  EventBus::Hint hint_;  // run by the one thread that has set running_
  Mutex mutex_;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  bool running_ ABSL_GUARDED_BY(mutex_) = false;
  bool again_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread::id runner_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace darkroom::scheduler

#endif  // DARKROOM_SCHEDULER_CORE_HINT_SLOT_H_
