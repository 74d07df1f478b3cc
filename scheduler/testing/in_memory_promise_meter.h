#ifndef DARKROOM_SCHEDULER_TESTING_IN_MEMORY_PROMISE_METER_H_
#define DARKROOM_SCHEDULER_TESTING_IN_MEMORY_PROMISE_METER_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "common/clock.h"
#include "common/mutex.h"
#include "common/status_macros.h"
#include "scheduler/core/checks.h"
#include "scheduler/core/promise_meter.h"

namespace darkroom::scheduler {

// PromiseMeter without a store, for tests. Callbacks run inside the call, without a lock.
// Thread-safe.
class InMemoryPromiseMeter : public PromiseMeter {
 public:
  // `clock` must outlive the object.
  explicit InMemoryPromiseMeter(const Clock* clock) : clock_(clock) {}

  void CountPromises(std::string tier, TierErrors errors, Done done) override {
    done(Count(tier, errors));
  }
  void ReadPromises(Callback<PromiseErrors> done) override { done(Read()); }

 private:
  std::int64_t Window() const {
    return absl::ToUnixMicros(clock_->Now()) / absl::ToInt64Microseconds(kWindow);
  }

  static void Add(const ErrorHistogram& counted, ErrorHistogram& to) {
    for (std::size_t i = 0; i < counted.counts().size(); ++i) to.Add(i, counted.counts()[i]);
  }

  absl::Status Count(const std::string& tier, const TierErrors& errors) {
    DARKROOM_RETURN_IF_ERROR(CheckTier(tier));
    MutexLock lock(&mutex_);
    windows_.erase(windows_.begin(), windows_.lower_bound(Window() - 1));
    TierErrors& counted = windows_[Window()][tier];
    Add(errors.first, counted.first);
    Add(errors.newest, counted.newest);
    return absl::OkStatus();
  }

  PromiseErrors Read() {
    MutexLock lock(&mutex_);
    PromiseErrors sum;
    for (auto window = windows_.lower_bound(Window() - 1); window != windows_.end(); ++window) {
      for (const auto& [tier, errors] : window->second) {
        Add(errors.first, sum[tier].first);
        Add(errors.newest, sum[tier].newest);
      }
    }
    return sum;
  }

  const Clock* const clock_;
  Mutex mutex_;
  std::map<std::int64_t, PromiseErrors> windows_ ABSL_GUARDED_BY(mutex_);  // by number since 1970
};

}  // namespace darkroom::scheduler

#endif  // DARKROOM_SCHEDULER_TESTING_IN_MEMORY_PROMISE_METER_H_
