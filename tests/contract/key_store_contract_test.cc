#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "scheduler/testing/in_memory_key_store.h"
#include "tests/contract/contract_test.h"

namespace darkroom::scheduler {
namespace {

class InMemoryKeys {
 public:
  KeyStore& keys() { return keys_; }
  absl::Time Now() { return clock_.Now(); }
  void Pass(absl::Duration time) { clock_.Advance(time); }

 private:
  ManualClock clock_;
  InMemoryKeyStore keys_{&clock_};
};

class RedisKeys {
 public:
  KeyStore& keys() { return ports_->keys(); }
  absl::Time Now() { return absl::Now(); }
  void Pass(absl::Duration time) { absl::SleepFor(time); }

 private:
  const std::unique_ptr<RedisPorts> ports_ =
      Connect({.endpoint = RedisServer::Shared().endpoint(), .pool = RandomId(), .durations = {}})
          .value();
};

struct KeyStoreNames {
  template <typename Store>
  static std::string GetName(int) {
    return std::is_same_v<Store, InMemoryKeys> ? "InMemory" : "Redis";
  }
};

template <typename Store>
class KeyStoreContract : public testing::Test {
 protected:
  absl::StatusOr<std::int64_t> Put(KeyEntry entry) {
    return Await<std::int64_t>(kPatience, [&](Callback<std::int64_t> done) {
      store_.keys().Put(std::move(entry), std::move(done));
    });
  }
  absl::StatusOr<KeyEntry> Get(const std::string& id) {
    return Await<KeyEntry>(
        kPatience, [&](Callback<KeyEntry> done) { store_.keys().Get(id, std::move(done)); });
  }
  absl::StatusOr<KeyPage> Changes(std::int64_t after, int limit = 100) {
    return Await<KeyPage>(kPatience, [&](Callback<KeyPage> done) {
      store_.keys().ReadChanges(after, limit, std::move(done));
    });
  }
  // The records of a page.
  std::vector<std::string> Records(std::int64_t after, int limit = 100) {
    std::vector<std::string> records;
    const KeyPage page = Changes(after, limit).value();
    for (const KeyEntry& entry : page.keys) records.push_back(entry.record);
    return records;
  }
  // A new key with this record.
  KeyEntry Add(std::string record) {
    KeyEntry entry = {.id = RandomId(), .record = std::move(record)};
    entry.version = Put(entry).value();
    return entry;
  }

  static constexpr absl::Duration kPatience = absl::Seconds(60);
  Store store_;
};
using KeyStores = testing::Types<InMemoryKeys, RedisKeys>;
TYPED_TEST_SUITE(KeyStoreContract, KeyStores, KeyStoreNames);

TYPED_TEST(KeyStoreContract, AKeyIsFoundAsItWasPut) {
  const std::string record("record\0\xff\r\n", 10);
  const KeyEntry added = this->Add(record);
  const KeyEntry found = this->Get(added.id).value();
  EXPECT_EQ(found.record, record);
  EXPECT_EQ(found.version, 1);
  EXPECT_EQ(found.forgotten, absl::InfiniteFuture());
  EXPECT_EQ(CodeOf(this->Get(RandomId())), absl::StatusCode::kNotFound);
  EXPECT_EQ(CodeOf(this->Get("../x")), absl::StatusCode::kNotFound);
}

TYPED_TEST(KeyStoreContract, ChangesAreReadInTheirOrderAndEachKeyOnce) {
  KeyEntry a = this->Add("a");
  this->Add("b");
  EXPECT_EQ(this->Records(0), (std::vector<std::string>{"a", "b"}));
  a.record = "a2";
  EXPECT_EQ(this->Put(a).value(), 3);
  EXPECT_EQ(this->Records(0), (std::vector<std::string>{"b", "a2"}));
  EXPECT_EQ(this->Records(2), std::vector<std::string>{"a2"});
  EXPECT_TRUE(this->Records(3).empty());
  EXPECT_EQ(this->Changes(3).value().newest, 3);
}

TYPED_TEST(KeyStoreContract, NoChangesAreVersionZero) {
  const KeyPage page = this->Changes(0).value();
  EXPECT_EQ(page.newest, 0);
  EXPECT_TRUE(page.keys.empty());
}

TYPED_TEST(KeyStoreContract, APageHoldsNoMoreThanItsLimit) {
  for (int i = 0; i < 3; ++i) this->Add(absl::StrCat(i));
  const KeyPage page = this->Changes(0, 2).value();
  ASSERT_EQ(page.keys.size(), 2u);
  EXPECT_EQ(page.newest, 3);
  EXPECT_EQ(this->Records(page.keys.back().version, 2), std::vector<std::string>{"2"});
  EXPECT_EQ(CodeOf(this->Changes(0, 0)), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(CodeOf(this->Changes(0, 101)), absl::StatusCode::kInvalidArgument);
}

TYPED_TEST(KeyStoreContract, OfTwoChangesOfOneVersionTheSecondIsAborted) {
  KeyEntry first = this->Add("a");
  KeyEntry second = first;
  first.record = "first";
  EXPECT_TRUE(this->Put(first).ok());
  second.record = "second";
  EXPECT_EQ(CodeOf(this->Put(second)), absl::StatusCode::kAborted);
  second.version = 0;
  EXPECT_EQ(CodeOf(this->Put(second)), absl::StatusCode::kAborted) << "the id is in use";
  EXPECT_EQ(this->Get(first.id).value().record, "first");
  EXPECT_EQ(CodeOf(this->Put({.id = RandomId(), .version = 1})), absl::StatusCode::kAborted);
}

TYPED_TEST(KeyStoreContract, AKeyIsGoneAtItsTime) {
  KeyEntry entry = this->Add("a");
  entry.forgotten = this->store_.Now() + absl::Milliseconds(200);
  entry.version = this->Put(entry).value();
  EXPECT_LT(absl::AbsDuration(this->Get(entry.id).value().forgotten - entry.forgotten),
            absl::Microseconds(2));
  this->store_.Pass(absl::Milliseconds(250));
  EXPECT_EQ(CodeOf(this->Get(entry.id)), absl::StatusCode::kNotFound);
  this->Add("b");
  EXPECT_EQ(this->Records(0), std::vector<std::string>{"b"});
}

TYPED_TEST(KeyStoreContract, WhatIsNoKeyIsRefused) {
  EXPECT_EQ(CodeOf(this->Put({.id = "../a"})), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(CodeOf(this->Put({.id = RandomId(), .record = std::string(5000, 'a')})),
            absl::StatusCode::kInvalidArgument);
}

TYPED_TEST(KeyStoreContract, ThePoolHasABoundedNumberOfKeys) {
  constexpr int kAtOnce = 250;  // what a store answers in time, on a busy machine too
  const KeyEntry first = this->Add("");
  for (int i = 1; i < kMaxKeys; ++i) {
    if (i % kAtOnce == 0) {  // answers come in the order of what was asked
      ASSERT_TRUE(this->Put({.id = RandomId()}).ok());
      continue;
    }
    this->store_.keys().Put({.id = RandomId()},
                            [](const absl::StatusOr<std::int64_t>& put) { ASSERT_TRUE(put.ok()); });
  }
  EXPECT_EQ(CodeOf(this->Put({.id = RandomId()})), absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(this->Put(first).ok()) << "those that are there can be changed";
}

}  // namespace
}  // namespace darkroom::scheduler
