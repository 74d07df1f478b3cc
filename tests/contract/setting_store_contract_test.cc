#include <memory>
#include <string>

#include "scheduler/testing/in_memory_setting_store.h"
#include "tests/contract/contract_test.h"

namespace darkroom::scheduler {
namespace {

class InMemorySettings {
 public:
  SettingStore& settings() { return store_; }

 private:
  ManualClock clock_;
  InMemorySettingStore store_{&clock_};
};

class RedisSettings {
 public:
  SettingStore& settings() { return ports_->settings(); }

 private:
  const std::unique_ptr<RedisPorts> ports_ =
      Connect({.endpoint = RedisServer::Shared().endpoint(), .pool = RandomId(), .durations = {}})
          .value();
};

struct SettingStoreNames {
  template <typename Store>
  static std::string GetName(int) {
    return std::is_same_v<Store, InMemorySettings> ? "InMemory" : "Redis";
  }
};

template <typename Store>
class SettingStoreContract : public testing::Test {
 protected:
  absl::Status Write(const std::string& owner, const std::string& settings) {
    return AwaitDone(absl::Seconds(60), [&](Done done) {
      store_.settings().WriteSettings(owner, settings, std::move(done));
    });
  }
  std::string Read(const std::string& owner) {
    return Await<std::string>(absl::Seconds(60),
                              [&](Callback<std::string> done) {
                                store_.settings().ReadSettings(owner, std::move(done));
                              })
        .value();
  }

  Store store_;
};

using SettingStores = testing::Types<InMemorySettings, RedisSettings>;
TYPED_TEST_SUITE(SettingStoreContract, SettingStores, SettingStoreNames);

TYPED_TEST(SettingStoreContract, AnOwnerWhoHasWrittenNothingHasNone) {
  EXPECT_EQ(this->Read("alice\n"), "");
}

TYPED_TEST(SettingStoreContract, EachOwnerReadsWhatItWroteLast) {
  const std::string bytes("\0\n\xff", 3);
  EXPECT_TRUE(this->Write("alice\nkeys/1", "first").ok());
  EXPECT_TRUE(this->Write("alice\nkeys/1", bytes).ok());
  EXPECT_TRUE(this->Write("alice\nkeys/2", "other").ok());
  EXPECT_EQ(this->Read("alice\nkeys/1"), bytes);
  EXPECT_EQ(this->Read("alice\nkeys/2"), "other");
}

TYPED_TEST(SettingStoreContract, TooMuchIsRefusedAndWhatWasThereStays) {
  EXPECT_TRUE(this->Write("alice", "small").ok());
  EXPECT_EQ(CodeOf(this->Write("alice", std::string(SettingStore::kMaxBytes + 1, 'x'))),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(this->Read("alice"), "small");
}

// On Redis a month would pass.
TEST(InMemorySettingStoreTest, SettingsAreForgottenInTheEnd) {
  ManualClock clock;
  InMemorySettingStore store(&clock);
  store.WriteSettings("alice", "x", [](const absl::Status& status) { EXPECT_TRUE(status.ok()); });
  const auto read = [&store] {
    std::string settings;
    store.ReadSettings("alice", [&settings](auto found) { settings = *std::move(found); });
    return settings;
  };
  clock.Advance(SettingStore::kMemory - absl::Seconds(1));
  EXPECT_EQ(read(), "x");
  clock.Advance(absl::Seconds(1));
  EXPECT_EQ(read(), "");
}

}  // namespace
}  // namespace darkroom::scheduler
