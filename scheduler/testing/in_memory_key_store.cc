#include "scheduler/testing/in_memory_key_store.h"

#include <algorithm>
#include <utility>

#include "common/status_macros.h"
#include "scheduler/core/checks.h"

namespace darkroom::scheduler {

void InMemoryKeyStore::Put(KeyEntry entry, Callback<std::int64_t> done) {
  done(Keep(std::move(entry)));
}

void InMemoryKeyStore::Get(std::string id, Callback<KeyEntry> done) { done(Find(id)); }

void InMemoryKeyStore::ReadChanges(std::int64_t after, int limit, Callback<KeyPage> done) {
  if (absl::Status status = CheckLimit(limit); !status.ok()) return done(status);
  done(Changes(after, limit));
}

void InMemoryKeyStore::Forget() {
  const absl::Time now = clock_->Now();
  std::erase_if(keys_, [now](const auto& key) { return key.second.forgotten <= now; });
}

absl::StatusOr<std::int64_t> InMemoryKeyStore::Keep(KeyEntry entry) {
  DARKROOM_RETURN_IF_ERROR(CheckKeyEntry(entry));
  MutexLock lock(&mutex_);
  Forget();
  const auto present = std::find_if(
      keys_.begin(), keys_.end(), [&entry](const auto& key) { return key.second.id == entry.id; });
  if ((present == keys_.end() ? 0 : present->first) != entry.version) return KeyChanged();
  if (present != keys_.end()) {
    keys_.erase(present);
  } else if (keys_.size() >= kMaxKeys) {
    return TooManyKeys();
  }
  entry.version = ++newest_;
  keys_.emplace(newest_, std::move(entry));
  return newest_;
}

absl::StatusOr<KeyEntry> InMemoryKeyStore::Find(const std::string& id) {
  MutexLock lock(&mutex_);
  Forget();
  for (const auto& [version, key] : keys_) {
    if (key.id == id) return key;
  }
  return NoSuchKey();
}

KeyPage InMemoryKeyStore::Changes(std::int64_t after, int limit) {
  MutexLock lock(&mutex_);
  Forget();
  KeyPage page;
  page.newest = newest_;
  for (auto next = keys_.upper_bound(after);
       next != keys_.end() && page.keys.size() < static_cast<std::size_t>(limit); ++next) {
    page.keys.push_back(next->second);
  }
  return page;
}

}  // namespace darkroom::scheduler
