#include "server/auth/stored_keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/ids.h"
#include "scheduler/testing/in_memory_key_store.h"
#include "server/auth/key_record.h"
#include "server/testing/manual_loop.h"

namespace darkroom::server {
namespace {

using darkroom::internal::v1::KeyRecord;

// An in-memory store that can go away, or fall back to an earlier state.
class FickleStore : public scheduler::KeyStore {
 public:
  explicit FickleStore(const Clock* clock) : store(std::make_unique<Store>(clock)) {}

  void Put(scheduler::KeyEntry entry, Callback<std::int64_t> done) override {
    store->Put(std::move(entry), std::move(done));
  }
  void Get(std::string id, Callback<scheduler::KeyEntry> done) override {
    store->Get(std::move(id), std::move(done));
  }
  void ReadChanges(std::int64_t after, int limit, Callback<scheduler::KeyPage> done) override {
    if (away) return done(absl::UnavailableError("away"));
    ++readings;
    store->ReadChanges(after, limit, std::move(done));
  }

  using Store = scheduler::InMemoryKeyStore;
  std::unique_ptr<Store> store;
  bool away = false;
  int readings = 0;
};

class StoredKeysTest : public testing::Test {
 protected:
  // A record of a key of alice's.
  KeyRecord Record(const std::string& text) const {
    KeyRecord record;
    record.set_version(1);
    record.mutable_key()->set_tenant("alice");
    record.mutable_key()->set_tier("pro");
    record.mutable_key()->add_scopes(darkroom::v1::KEY_SCOPE_ADMIN);
    record.set_digest(keys_->pepper().Digest(kKeyUse, text));
    return record;
  }
  void Put(const std::string& text, const KeyRecord& record, std::int64_t version = 0) {
    store_.Put({.id = *IdOfKeyText(text), .record = record.SerializeAsString(), .version = version},
               [this](const absl::StatusOr<std::int64_t>& put) { version_ = put.value(); });
  }
  std::string Add() {
    std::string text = NewKeyText(RandomId());
    Put(text, Record(text));
    return text;
  }
  bool Knows(const std::string& text) const { return keys_->Find(text).value().has_value(); }
  google::protobuf::Timestamp In(absl::Duration time) const {
    google::protobuf::Timestamp stamp;
    stamp.set_seconds(absl::ToUnixSeconds(loop_.clock().Now() + time));
    return stamp;
  }

  ManualLoop loop_;
  FickleStore store_{&loop_.clock()};
  std::shared_ptr<StoredKeys> keys_ =
      std::make_shared<StoredKeys>(loop_, store_, Pepper("a pepper"));
  std::int64_t version_ = 0;  // of the last change
};

TEST_F(StoredKeysTest, AKeyTellsItsCaller) {
  const std::string text = Add();
  keys_->Start();
  loop_.RunReady();
  const Caller caller = *keys_->Find(text).value();
  EXPECT_EQ(caller.tenant, "alice");
  EXPECT_EQ(caller.tier, "pro");
  EXPECT_TRUE(caller.Has(darkroom::v1::KEY_SCOPE_ADMIN));
  EXPECT_FALSE(caller.Has(darkroom::v1::KEY_SCOPE_GENERATE));
  EXPECT_FALSE(Knows(NewKeyText(RandomId())));
  EXPECT_FALSE(Knows(NewKeyText(*IdOfKeyText(text)))) << "the id is public";
  EXPECT_FALSE(Knows("no key of the store"));
}

TEST_F(StoredKeysTest, BeforeTheFirstReadingNothingCanBeTold) {
  EXPECT_TRUE(absl::IsUnavailable(keys_->Find(Add()).status()));
  EXPECT_FALSE(Knows("no key of the store"));
}

TEST_F(StoredKeysTest, ARevokedKeyIsRefusedWithinTwoSeconds) {
  const std::string text = Add();
  keys_->Start();
  loop_.RunReady();
  ASSERT_TRUE(Knows(text));
  KeyRecord revoked = Record(text);
  *revoked.mutable_key()->mutable_revoke_time() = In(absl::ZeroDuration());
  Put(text, revoked, version_);
  loop_.Advance(StoredKeys::kRefresh);
  EXPECT_FALSE(Knows(text));
}

TEST_F(StoredKeysTest, WhileTheStoreIsAwayNoKeyCanBeToldAfterTwoSeconds) {
  const std::string text = Add();
  keys_->Start();
  loop_.RunReady();
  store_.away = true;
  loop_.Advance(StoredKeys::kFresh - absl::Milliseconds(1));
  EXPECT_TRUE(Knows(text));
  loop_.Advance(absl::Milliseconds(2));
  EXPECT_TRUE(absl::IsUnavailable(keys_->Find(text).status()));
  store_.away = false;
  loop_.Advance(StoredKeys::kRefresh);
  EXPECT_TRUE(Knows(text));
}

TEST_F(StoredKeysTest, AKeyEndsAtItsTime) {
  const std::string text = NewKeyText(RandomId());
  KeyRecord record = Record(text);
  *record.mutable_key()->mutable_expire_time() = In(absl::Seconds(10));
  Put(text, record);
  keys_->Start();
  loop_.Advance(absl::Seconds(9));
  EXPECT_TRUE(Knows(text));
  loop_.Advance(absl::Seconds(2));
  EXPECT_FALSE(Knows(text));
}

TEST_F(StoredKeysTest, AReplacedSecretCountsForItsGrace) {
  const std::string old_text = Add();
  const std::string new_text = NewKeyText(*IdOfKeyText(old_text));
  KeyRecord record = Record(new_text);
  record.set_replaced_digest(keys_->pepper().Digest(kKeyUse, old_text));
  *record.mutable_replaced_until() = In(absl::Seconds(10));
  Put(new_text, record, version_);
  keys_->Start();
  loop_.Advance(absl::Seconds(9));
  EXPECT_TRUE(Knows(old_text));
  EXPECT_TRUE(Knows(new_text));
  loop_.Advance(absl::Seconds(2));
  EXPECT_FALSE(Knows(old_text));
  EXPECT_TRUE(Knows(new_text));
}

TEST_F(StoredKeysTest, ManyKeysAreReadInPagesAndThenOnlyWhatChanges) {
  std::vector<std::string> texts;
  for (int i = 0; i < 250; ++i) texts.push_back(Add());
  keys_->Start();
  loop_.RunReady();
  for (const std::string& text : texts) EXPECT_TRUE(Knows(text));
  EXPECT_EQ(store_.readings, 3);
  loop_.Advance(StoredKeys::kRefresh);
  EXPECT_EQ(store_.readings, 4);
}

TEST_F(StoredKeysTest, AStoreThatHasLostChangesIsReadAnew) {
  const std::string lost = Add();
  Add();
  keys_->Start();
  loop_.RunReady();
  store_.store = std::make_unique<FickleStore::Store>(&loop_.clock());
  const std::string kept = Add();
  loop_.Advance(StoredKeys::kRefresh);
  EXPECT_FALSE(Knows(lost));
  EXPECT_TRUE(Knows(kept));
  // As many changes as have been read: only reading all of them shows that they are others.
  store_.store = std::make_unique<FickleStore::Store>(&loop_.clock());
  const std::string other = Add();
  loop_.Advance(StoredKeys::kWhole + StoredKeys::kRefresh);
  EXPECT_FALSE(Knows(kept));
  EXPECT_TRUE(Knows(other));
}

TEST_F(StoredKeysTest, AKeyOfAnotherVersionIsLeftOut) {
  const std::string text = Add();
  keys_->Start();
  loop_.RunReady();
  KeyRecord record = Record(text);
  record.set_version(2);
  Put(text, record, version_);
  loop_.Advance(StoredKeys::kRefresh);
  EXPECT_FALSE(Knows(text));
}

TEST_F(StoredKeysTest, ARefreshSeesWhatWasChangedBeforeItWasAskedFor) {
  keys_->Refresh([](const absl::Status&) {});  // under way
  const std::string text = Add();
  bool refreshed = false;
  keys_->Refresh([&](const absl::Status& status) { refreshed = status.ok() && Knows(text); });
  loop_.RunReady();
  EXPECT_TRUE(refreshed);
}

}  // namespace
}  // namespace darkroom::server
