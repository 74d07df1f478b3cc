#ifndef DARKROOM_COMMON_MUTEX_H_
#define DARKROOM_COMMON_MUTEX_H_

#include <chrono>
#include <condition_variable>
#include <mutex>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"

namespace darkroom {

// A mutex with conditions in the manner of Abseil's, over the standard library's: ThreadSanitizer
// sees what happens inside that one, while distributions build Abseil without it, so that every
// datum behind an Abseil mutex would be reported as a race.
class ABSL_LOCKABLE Mutex {
 public:
  Mutex() = default;
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;

  void Lock() ABSL_EXCLUSIVE_LOCK_FUNCTION() { mutex_.lock(); }

  // Notifies first: a waiter may destroy the mutex as soon as it has got the lock.
  void Unlock() ABSL_UNLOCK_FUNCTION() {
    if (waiting_ > 0) changed_.notify_all();
    mutex_.unlock();
  }

  // Tells the thread-safety analysis, where it cannot see it, that the caller holds the lock.
  void AssertHeld() const ABSL_ASSERT_EXCLUSIVE_LOCK() {}

  // Gives the lock up until `holds()`, which is called under the lock, is true. The analysis cannot
  // see that the mutex which `holds` asks for is this one, so it stays out of the body.
  template <typename Predicate>
  void Await(Predicate holds) ABSL_EXCLUSIVE_LOCKS_REQUIRED(this) ABSL_NO_THREAD_SAFETY_ANALYSIS {
    AwaitWithTimeout(holds, absl::InfiniteDuration());
  }

  // The same, for at most `timeout`; returns whether it holds.
  template <typename Predicate>
  bool AwaitWithTimeout(Predicate holds, absl::Duration timeout)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(this) ABSL_NO_THREAD_SAFETY_ANALYSIS {
    if (holds()) return true;
    std::unique_lock<std::mutex> lock(mutex_, std::adopt_lock);
    if (waiting_++ > 0) changed_.notify_all();
    bool held = true;
    if (timeout == absl::InfiniteDuration()) {
      changed_.wait(lock, holds);
    } else {
      // The system clock: pthread_cond_timedwait, which every ThreadSanitizer knows.
      const auto until = std::chrono::system_clock::now() + absl::ToChronoMicroseconds(timeout);
      held = changed_.wait_until(lock, until, holds);
    }
    --waiting_;
    lock.release();
    return held;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int waiting_ = 0;  // guarded by mutex_
};

// Holds the mutex for the rest of the scope.
class ABSL_SCOPED_LOCKABLE MutexLock {
 public:
  explicit MutexLock(Mutex* mutex) ABSL_EXCLUSIVE_LOCK_FUNCTION(mutex) : mutex_(mutex) {
    mutex_->Lock();
  }
  ~MutexLock() ABSL_UNLOCK_FUNCTION() { mutex_->Unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex* mutex_;
};

// Something that happens once and is waited for.
class Notification {
 public:
  void Notify() {
    MutexLock lock(&mutex_);
    notified_ = true;
  }

  bool HasBeenNotified() const {
    MutexLock lock(&mutex_);
    return notified_;
  }

  void WaitForNotification() const {
    MutexLock lock(&mutex_);
    mutex_.Await([this]() ABSL_NO_THREAD_SAFETY_ANALYSIS { return notified_; });
  }

  bool WaitForNotificationWithTimeout(absl::Duration timeout) const {
    MutexLock lock(&mutex_);
    return mutex_.AwaitWithTimeout([this]() ABSL_NO_THREAD_SAFETY_ANALYSIS { return notified_; },
                                   timeout);
  }

 private:
  mutable Mutex mutex_;
  bool notified_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace darkroom

#endif  // DARKROOM_COMMON_MUTEX_H_
