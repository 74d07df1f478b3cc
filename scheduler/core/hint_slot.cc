#include "scheduler/core/hint_slot.h"

namespace darkroom::scheduler {

void HintSlot::Call() {
  {
    MutexLock lock(&mutex_);
    again_ = true;
    if (running_) return;
    running_ = true;
    runner_ = std::this_thread::get_id();
  }
  for (;;) {
    {
      MutexLock lock(&mutex_);
      if (!again_ || closed_) {
        running_ = false;
        return;
      }
      again_ = false;
    }
    hint_();
  }
}

void HintSlot::Close() {
  MutexLock lock(&mutex_);
  closed_ = true;
  if (running_ && runner_ == std::this_thread::get_id()) return;
  const auto idle = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return !running_; };
  mutex_.Await(idle);
}

}  // namespace darkroom::scheduler
