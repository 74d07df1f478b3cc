#include "server/auth/stored_keys.h"

#include <algorithm>
#include <utility>

#include "common/log.h"
#include "server/auth/key_record.h"
#include "server/core/api_error.h"
#include "server/core/resource_name.h"
#include "server/core/within.h"

namespace darkroom::server {
namespace {

constexpr int kPage = 100;

// What no digest is: a search that finds nothing compares with it all the same.
std::string NoDigest() { return std::string(64, '-'); }

}  // namespace

StoredKeys::StoredKeys(Loop& loop, scheduler::KeyStore& store, Pepper pepper)
    : loop_(loop), store_(store), pepper_(std::move(pepper)) {}

void StoredKeys::Start() {
  loop_.Post([weak = weak_from_this()] {
    if (auto self = weak.lock()) self->RefreshRepeatedly();
  });
}

void StoredKeys::RefreshRepeatedly() {
  Refresh([](const absl::Status&) {});
  loop_.PostAfter(kRefresh, [weak = weak_from_this()] {
    if (auto self = weak.lock()) self->RefreshRepeatedly();
  });
}

void StoredKeys::Refresh(Done done) {
  waiting_.push_back(std::move(done));
  if (!reading_) Begin();
}

void StoredKeys::Begin() {
  reading_ = true;
  served_ = std::exchange(waiting_, {});
  auto reading = std::make_shared<Reading>();
  reading->began = loop_.clock().Now();
  if (reading->began - read_whole_ >= kWhole) {
    reading->changed = true;
  } else {
    reading->after = version_;
  }
  ReadPage(std::move(reading));
}

void StoredKeys::ReadPage(std::shared_ptr<Reading> reading) {
  const std::int64_t after = reading->after;
  store_.ReadChanges(
      after, kPage,
      Within<scheduler::KeyPage>(loop_, kStoreTimeout,
                                 [weak = weak_from_this(), reading = std::move(reading)](
                                     absl::StatusOr<scheduler::KeyPage> page) {
                                   if (auto self = weak.lock()) {
                                     self->OnPage(reading, std::move(page));
                                   }
                                 }));
}

void StoredKeys::OnPage(const std::shared_ptr<Reading>& reading,
                        absl::StatusOr<scheduler::KeyPage> page) {
  if (!page.ok()) return End(page.status());
  if (page->newest < reading->after) {  // the store has lost changes
    *reading = {.began = reading->began, .changed = true};
    return ReadPage(reading);
  }
  if (!page->keys.empty() && !reading->changed) {
    MutexLock lock(&mutex_);
    reading->keys = *keys_;
    reading->changed = true;
  }
  for (const scheduler::KeyEntry& entry : page->keys) Apply(entry, reading->keys);
  if (!page->keys.empty()) reading->after = page->keys.back().version;
  if (page->keys.size() == kPage) return ReadPage(reading);
  Publish(*reading);
  End(absl::OkStatus());
}

void StoredKeys::Apply(const scheduler::KeyEntry& entry, Keys& keys) {
  const auto record = ParseKeyRecord(entry.record);
  if (!record.ok()) {
    keys.erase(entry.id);
    log::Warning("a key is left out", {{"key", entry.id}, {"why", record.status().message()}});
    return;
  }
  StoredKey key;
  key.caller.key = KeyName(entry.id);
  key.caller.tenant = record->key().tenant();
  key.caller.tier = record->key().tier();
  key.caller.scopes.clear();
  for (const int scope : record->key().scopes()) {
    key.caller.scopes.push_back(static_cast<darkroom::v1::KeyScope>(scope));
  }
  key.digest = record->digest();
  key.replaced_digest = record->replaced_digest().empty() ? NoDigest() : record->replaced_digest();
  key.replaced_until = FromTimestamp(record->replaced_until());
  if (record->key().has_expire_time()) key.ends = FromTimestamp(record->key().expire_time());
  if (record->key().has_revoke_time()) key.ends = absl::InfinitePast();
  keys[entry.id] = std::move(key);
}

void StoredKeys::Publish(Reading& reading) {
  if (reading.changed) version_ = reading.after;
  if (reading.began - read_whole_ >= kWhole) read_whole_ = reading.began;
  std::shared_ptr<const Keys> keys;
  if (reading.changed) keys = std::make_shared<const Keys>(std::move(reading.keys));
  MutexLock lock(&mutex_);
  if (keys != nullptr) keys_.swap(keys);
  read_at_ = reading.began;
}

void StoredKeys::End(const absl::Status& status) {
  reading_ = false;
  for (Done& done : std::exchange(served_, {})) done(status);
  if (!waiting_.empty() && !reading_) Begin();
}

absl::StatusOr<std::optional<Caller>> StoredKeys::Find(absl::string_view key) const {
  const std::optional<std::string> id = IdOfKeyText(key);
  if (!id.has_value()) return std::nullopt;
  std::shared_ptr<const Keys> keys;
  absl::Time read_at;
  {
    MutexLock lock(&mutex_);
    keys = keys_;
    read_at = read_at_;
  }
  const absl::Time now = loop_.clock().Now();
  if (now - read_at > kFresh) return StoreError(absl::UnavailableError("the keys are not known"));
  const auto found = keys->find(*id);
  const std::string digest = pepper_.Digest(kKeyUse, key);
  const bool known = found != keys->end();
  const bool newest = EqualInConstantTime(known ? found->second.digest : NoDigest(), digest);
  const bool replaced =
      EqualInConstantTime(known ? found->second.replaced_digest : NoDigest(), digest);
  if (!known || now >= found->second.ends) return std::nullopt;
  if (!newest && !(replaced && now < found->second.replaced_until)) return std::nullopt;
  return found->second.caller;
}

}  // namespace darkroom::server
