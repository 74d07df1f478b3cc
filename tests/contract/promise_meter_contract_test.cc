#include <memory>
#include <string>

#include "scheduler/testing/in_memory_promise_meter.h"
#include "tests/contract/contract_test.h"

namespace darkroom::scheduler {
namespace {

class InMemoryPromises {
 public:
  PromiseMeter& promises() { return meter_; }

 private:
  ManualClock clock_;
  InMemoryPromiseMeter meter_{&clock_};
};

class RedisPromises {
 public:
  PromiseMeter& promises() { return ports_->promises(); }

 private:
  const std::unique_ptr<RedisPorts> ports_ =
      Connect({.endpoint = RedisServer::Shared().endpoint(), .pool = RandomId(), .durations = {}})
          .value();
};

struct PromiseMeterNames {
  template <typename Store>
  static std::string GetName(int) {
    return std::is_same_v<Store, InMemoryPromises> ? "InMemory" : "Redis";
  }
};

template <typename Store>
class PromiseMeterContract : public testing::Test {
 protected:
  absl::Status Count(const std::string& tier, const TierErrors& errors) {
    return AwaitDone(absl::Seconds(60), [&](Done done) {
      store_.promises().CountPromises(tier, errors, std::move(done));
    });
  }
  PromiseErrors Read() {
    return Await<PromiseErrors>(absl::Seconds(60),
                                [&](Callback<PromiseErrors> done) {
                                  store_.promises().ReadPromises(std::move(done));
                                })
        .value();
  }

  Store store_;
};

using PromiseMeters = testing::Types<InMemoryPromises, RedisPromises>;
TYPED_TEST_SUITE(PromiseMeterContract, PromiseMeters, PromiseMeterNames);

TYPED_TEST(PromiseMeterContract, NothingIsCountedAtFirst) { EXPECT_TRUE(this->Read().empty()); }

TYPED_TEST(PromiseMeterContract, WhatSeveralCountIsAddedByTier) {
  TierErrors errors;
  errors.first.Add(0, 2);
  errors.first.Add(ErrorHistogram::kBuckets - 1);
  errors.newest.Add(3, 3);
  EXPECT_TRUE(this->Count("pro", errors).ok());
  EXPECT_TRUE(this->Count("pro", errors).ok());
  TierErrors others;
  others.newest.Add(7);
  EXPECT_TRUE(this->Count("a.b-c_d", others).ok());

  const PromiseErrors read = this->Read();
  TierErrors twice;
  twice.first.Add(0, 4);
  twice.first.Add(ErrorHistogram::kBuckets - 1, 2);
  twice.newest.Add(3, 6);
  EXPECT_EQ(read.size(), 2u);
  EXPECT_EQ(read.at("pro"), twice);
  EXPECT_EQ(read.at("a.b-c_d"), others);
}

TYPED_TEST(PromiseMeterContract, OnlyTiersAreCounted) {
  EXPECT_EQ(CodeOf(this->Count("a:b", {})), absl::StatusCode::kInvalidArgument);
}

// On Redis two hours would pass.
TEST(InMemoryPromiseMeterTest, WhatIsTwoWindowsOldIsForgotten) {
  ManualClock clock;
  InMemoryPromiseMeter meter(&clock);
  TierErrors errors;
  errors.first.Add(1);
  const auto count = [&] {
    meter.CountPromises("pro", errors,
                        [](const absl::Status& status) { EXPECT_TRUE(status.ok()); });
  };
  const auto total = [&] {
    PromiseErrors read;
    meter.ReadPromises([&read](auto errors) { read = *std::move(errors); });
    return read["pro"].first.total();
  };
  count();
  clock.Advance(PromiseMeter::kWindow);
  count();
  EXPECT_EQ(total(), 2);
  clock.Advance(PromiseMeter::kWindow);
  EXPECT_EQ(total(), 1);
  clock.Advance(PromiseMeter::kWindow);
  EXPECT_EQ(total(), 0);
}

}  // namespace
}  // namespace darkroom::scheduler
