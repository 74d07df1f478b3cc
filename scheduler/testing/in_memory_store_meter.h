#ifndef DARKROOM_SCHEDULER_TESTING_IN_MEMORY_STORE_METER_H_
#define DARKROOM_SCHEDULER_TESTING_IN_MEMORY_STORE_METER_H_

#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "common/mutex.h"
#include "scheduler/core/store_meter.h"

namespace darkroom::scheduler {

// StoreMeter without a store: it uses what the test says. Callbacks run inside the call, without a
// lock. Thread-safe.
class InMemoryStoreMeter : public StoreMeter {
 public:
  explicit InMemoryStoreMeter(absl::StatusOr<StoreUsage> usage) : usage_(std::move(usage)) {}

  void SetUsage(absl::StatusOr<StoreUsage> usage) {
    MutexLock lock(&mutex_);
    usage_ = std::move(usage);
  }
  void MeasureStore(Callback<StoreUsage> done) override { done(usage()); }

 private:
  absl::StatusOr<StoreUsage> usage() {
    MutexLock lock(&mutex_);
    return usage_;
  }

  Mutex mutex_;
  absl::StatusOr<StoreUsage> usage_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace darkroom::scheduler

#endif  // DARKROOM_SCHEDULER_TESTING_IN_MEMORY_STORE_METER_H_
