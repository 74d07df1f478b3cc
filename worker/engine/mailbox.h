#ifndef DARKROOM_WORKER_ENGINE_MAILBOX_H_
#define DARKROOM_WORKER_ENGINE_MAILBOX_H_

#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "common/mutex.h"

namespace darkroom::worker {

// How the worker's threads talk to each other. Each of the engine's classes has one mailbox and one
// owning thread; everything else in the class belongs to that thread alone and needs no lock. What
// other threads want of it, and what the ports answer, arrives as messages.
//
// A mailbox is held by shared_ptr, so that an answer which comes after its owner has gone finds
// one.
template <typename Message>
class Mailbox {
 public:
  // Any thread.
  void Post(Message message) {
    MutexLock lock(&mutex_);
    messages_.push_back(std::move(message));
  }

  // Any thread: ends the owner's Run. Messages are still accepted.
  void Close() {
    MutexLock lock(&mutex_);
    closed_ = true;
  }

  bool closed() const {
    MutexLock lock(&mutex_);
    return closed_;
  }

  // The owner: the messages in the order of their arrival, without waiting.
  std::vector<Message> Take() {
    MutexLock lock(&mutex_);
    return std::exchange(messages_, {});
  }

  // The owner: waits until there is a message, the mailbox is closed, or `longest` has passed.
  void Wait(absl::Duration longest) {
    MutexLock lock(&mutex_);
    const auto ready = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      return closed_ || !messages_.empty();
    };
    mutex_.AwaitWithTimeout(ready, longest);
  }

 private:
  mutable Mutex mutex_;
  std::vector<Message> messages_ ABSL_GUARDED_BY(mutex_);
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace darkroom::worker

#endif  // DARKROOM_WORKER_ENGINE_MAILBOX_H_
