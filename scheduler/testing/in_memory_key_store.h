#ifndef DARKROOM_SCHEDULER_TESTING_IN_MEMORY_KEY_STORE_H_
#define DARKROOM_SCHEDULER_TESTING_IN_MEMORY_KEY_STORE_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/base/thread_annotations.h"
#include "common/clock.h"
#include "common/mutex.h"
#include "scheduler/core/key_store.h"

namespace darkroom::scheduler {

// KeyStore without a store, for tests. Callbacks run inside the call, without a lock. Thread-safe.
class InMemoryKeyStore : public KeyStore {
 public:
  // `clock` must outlive the object.
  explicit InMemoryKeyStore(const Clock* clock) : clock_(clock) {}

  void Put(KeyEntry entry, Callback<std::int64_t> done) override;
  void Get(std::string id, Callback<KeyEntry> done) override;
  void ReadChanges(std::int64_t after, int limit, Callback<KeyPage> done) override;

 private:
  absl::StatusOr<std::int64_t> Keep(KeyEntry entry);
  absl::StatusOr<KeyEntry> Find(const std::string& id);
  KeyPage Changes(std::int64_t after, int limit);
  void Forget() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Clock* const clock_;
  Mutex mutex_;
  std::map<std::int64_t, KeyEntry> keys_ ABSL_GUARDED_BY(mutex_);  // by version
  std::int64_t newest_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace darkroom::scheduler

#endif  // DARKROOM_SCHEDULER_TESTING_IN_MEMORY_KEY_STORE_H_
