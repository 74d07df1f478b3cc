#ifndef DARKROOM_SERVER_AUTH_STORED_KEYS_H_
#define DARKROOM_SERVER_AUTH_STORED_KEYS_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "common/await.h"
#include "common/mutex.h"
#include "scheduler/core/key_store.h"
#include "server/auth/key_secret.h"
#include "server/auth/key_source.h"
#include "server/core/loop.h"

namespace darkroom::server {

// The keys of the pool's store: a copy, of which changes are read every kRefresh. A copy counts for
// kFresh from when its reading began, so no gateway accepts a key for longer after it was revoked,
// whatever stands between it and the store; while the store is away, no stored key can be told.
// Find is thread-safe, all else is for the loop thread.
class StoredKeys : public KeySource, public std::enable_shared_from_this<StoredKeys> {
 public:
  static constexpr absl::Duration kRefresh = absl::Milliseconds(500);
  static constexpr absl::Duration kFresh = absl::Seconds(2);
  // All keys are read anew as often: a store that fell back to an earlier state may have given the
  // versions that were read to other changes.
  static constexpr absl::Duration kWhole = absl::Minutes(1);

  // Loop and store outlive the object.
  StoredKeys(Loop& loop, scheduler::KeyStore& store, Pepper pepper);

  // Begins to read; on any thread. Call once.
  void Start();
  // Reads what has changed until now.
  void Refresh(Done done);

  absl::StatusOr<std::optional<Caller>> Find(absl::string_view key) const override;

  const Pepper& pepper() const { return pepper_; }

 private:
  struct StoredKey {
    Caller caller;
    std::string digest;
    std::string replaced_digest;  // of as many digits, whether or not there is one
    absl::Time replaced_until = absl::InfinitePast();
    absl::Time ends = absl::InfiniteFuture();
  };
  using Keys = std::map<std::string, StoredKey>;  // by id
  // One reading, of one or more pages.
  struct Reading {
    absl::Time began;
    std::int64_t after = 0;  // version that has been read
    Keys keys = {};
    bool changed = false;
  };

  void RefreshRepeatedly();
  void Begin();
  void ReadPage(std::shared_ptr<Reading> reading);
  void OnPage(const std::shared_ptr<Reading>& reading, absl::StatusOr<scheduler::KeyPage> page);
  void Publish(Reading& reading);
  void End(const absl::Status& status);
  static void Apply(const scheduler::KeyEntry& entry, Keys& keys);

  Loop& loop_;
  scheduler::KeyStore& store_;
  const Pepper pepper_;

  bool reading_ = false;
  absl::Time read_whole_ = absl::InfinitePast();
  std::int64_t version_ = 0;   // that has been read
  std::vector<Done> served_;   // by the reading that is under way
  std::vector<Done> waiting_;  // for the next one

  mutable Mutex mutex_;
  std::shared_ptr<const Keys> keys_ ABSL_GUARDED_BY(mutex_) = std::make_shared<const Keys>();
  absl::Time read_at_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
};

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_AUTH_STORED_KEYS_H_
