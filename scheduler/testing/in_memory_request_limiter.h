#ifndef DARKROOM_SCHEDULER_TESTING_IN_MEMORY_REQUEST_LIMITER_H_
#define DARKROOM_SCHEDULER_TESTING_IN_MEMORY_REQUEST_LIMITER_H_

#include <algorithm>
#include <map>
#include <string>

#include "absl/base/thread_annotations.h"
#include "common/clock.h"
#include "common/mutex.h"
#include "scheduler/core/request_limiter.h"

namespace darkroom::scheduler {

// RequestLimiter without a store, for tests. Callbacks run inside the call, without a lock.
// Thread-safe.
class InMemoryRequestLimiter : public RequestLimiter {
 public:
  // `clock` must outlive the object.
  explicit InMemoryRequestLimiter(const Clock* clock) : clock_(clock) {}

  void Take(std::string tenant, RequestRate rate, Callback<absl::Duration> done) override {
    done(Take(tenant, rate));
  }

 private:
  absl::Duration Take(const std::string& tenant, const RequestRate& rate) {
    MutexLock lock(&mutex_);
    const absl::Time now = clock_->Now();
    absl::Time& full = full_.try_emplace(tenant, now).first->second;
    const absl::Time next = std::max(full, now) + rate.interval;
    const absl::Duration wait = next - rate.interval * rate.burst - now;
    if (wait > absl::ZeroDuration()) return wait;
    full = next;
    return absl::ZeroDuration();
  }

  const Clock* const clock_;
  Mutex mutex_;
  std::map<std::string, absl::Time> full_ ABSL_GUARDED_BY(mutex_);  // when the bucket is full again
};

}  // namespace darkroom::scheduler

#endif  // DARKROOM_SCHEDULER_TESTING_IN_MEMORY_REQUEST_LIMITER_H_
