#ifndef DARKROOM_SCHEDULER_CORE_KEY_STORE_H_
#define DARKROOM_SCHEDULER_CORE_KEY_STORE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/await.h"

namespace darkroom::scheduler {

struct KeyEntry {
  std::string id = {};      // 32 hexadecimal digits (IsRandomId)
  std::string record = {};  // opaque here: darkroom.internal.v1.KeyRecord
  // When the store may drop it.
  absl::Time forgotten = absl::InfiniteFuture();
  // Number of the pool's change of keys that made it as it is, from 1.
  std::int64_t version = 0;
};

struct KeyPage {
  std::vector<KeyEntry> keys;  // by version
  std::int64_t newest = 0;     // version of the pool's last change; 0: there was none
};

inline constexpr int kMaxKeys = 10'000;
inline constexpr std::size_t kMaxKeyRecordBytes = 4096;

// The API keys of a pool. Every change of one has a number, so that readers follow them at the cost
// of what has changed, and writers notice each other.
//
// Callbacks and thread-safety as for JobQueue; UNAVAILABLE likewise.
class KeyStore {
 public:
  virtual ~KeyStore() = default;

  // Keeps an entry in the place of the one with its `version`, 0 for a new key, and returns the new
  // version. ABORTED when the key has another version; RESOURCE_EXHAUSTED for a new one beyond
  // kMaxKeys, or when the store is short of memory; INVALID_ARGUMENT for an id or a record that is
  // none. Forgotten keys go in passing.
  virtual void Put(KeyEntry entry, Callback<std::int64_t> done) = 0;
  // NOT_FOUND when there is none, or no longer.
  virtual void Get(std::string id, Callback<KeyEntry> done) = 0;
  // The keys with a version above `after`, at most `limit`, 1 to 100.
  virtual void ReadChanges(std::int64_t after, int limit, Callback<KeyPage> done) = 0;
};

// INVALID_ARGUMENT for what no store keeps.
absl::Status CheckKeyEntry(const KeyEntry& entry);
// The answers that all stores give in the same words.
absl::Status KeyChanged();
absl::Status NoSuchKey();
absl::Status TooManyKeys();

}  // namespace darkroom::scheduler

#endif  // DARKROOM_SCHEDULER_CORE_KEY_STORE_H_
