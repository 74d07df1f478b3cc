#ifndef DARKROOM_SCHEDULER_TESTING_IN_MEMORY_SETTING_STORE_H_
#define DARKROOM_SCHEDULER_TESTING_IN_MEMORY_SETTING_STORE_H_

#include <map>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "common/clock.h"
#include "common/mutex.h"
#include "common/status_macros.h"
#include "scheduler/core/checks.h"
#include "scheduler/core/setting_store.h"

namespace darkroom::scheduler {

// SettingStore without a store, for tests. Callbacks run inside the call, without a lock.
// Thread-safe.
class InMemorySettingStore : public SettingStore {
 public:
  // `clock` must outlive the object.
  explicit InMemorySettingStore(const Clock* clock) : clock_(clock) {}

  void ReadSettings(std::string owner, Callback<std::string> done) override { done(Read(owner)); }
  void WriteSettings(std::string owner, std::string settings, Done done) override {
    done(Write(std::move(owner), std::move(settings)));
  }

 private:
  struct Entry {
    std::string settings;
    absl::Time end;
  };

  std::string Read(const std::string& owner) {
    MutexLock lock(&mutex_);
    const auto found = entries_.find(owner);
    return found == entries_.end() || found->second.end <= clock_->Now() ? ""
                                                                         : found->second.settings;
  }

  absl::Status Write(std::string owner, std::string settings) {
    DARKROOM_RETURN_IF_ERROR(CheckSettings(settings));
    MutexLock lock(&mutex_);
    entries_[std::move(owner)] = {std::move(settings), clock_->Now() + kMemory};
    return absl::OkStatus();
  }

  const Clock* const clock_;
  Mutex mutex_;
  std::map<std::string, Entry> entries_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace darkroom::scheduler

#endif  // DARKROOM_SCHEDULER_TESTING_IN_MEMORY_SETTING_STORE_H_
