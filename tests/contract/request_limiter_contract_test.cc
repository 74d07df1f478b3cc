#include <memory>
#include <string>

#include "scheduler/testing/in_memory_request_limiter.h"
#include "tests/contract/contract_test.h"

namespace darkroom::scheduler {
namespace {

class InMemoryRequests {
 public:
  RequestLimiter& requests() { return limiter_; }
  void Pass(absl::Duration time) { clock_.Advance(time); }

 private:
  ManualClock clock_;
  InMemoryRequestLimiter limiter_{&clock_};
};

class RedisRequests {
 public:
  RequestLimiter& requests() { return ports_->requests(); }
  void Pass(absl::Duration time) { absl::SleepFor(time); }

 private:
  const std::unique_ptr<RedisPorts> ports_ =
      Connect({.endpoint = RedisServer::Shared().endpoint(), .pool = RandomId(), .durations = {}})
          .value();
};

struct RequestLimiterNames {
  template <typename Store>
  static std::string GetName(int) {
    return std::is_same_v<Store, InMemoryRequests> ? "InMemory" : "Redis";
  }
};

// Waits are compared within this: real time passes on Redis.
constexpr absl::Duration kPassed = absl::Seconds(30);

template <typename Store>
class RequestLimiterContract : public testing::Test {
 protected:
  absl::Duration Take(const RequestRate& rate, const std::string& tenant = "alice") {
    return Await<absl::Duration>(absl::Seconds(60),
                                 [&](Callback<absl::Duration> done) {
                                   store_.requests().Take(tenant, rate, std::move(done));
                                 })
        .value();
  }

  Store store_;
};

using RequestLimiters = testing::Types<InMemoryRequests, RedisRequests>;
TYPED_TEST_SUITE(RequestLimiterContract, RequestLimiters, RequestLimiterNames);

TYPED_TEST(RequestLimiterContract, ABurstMayComeAtOnceAndThenTheTrueWaitIsTold) {
  const RequestRate rate = {.interval = absl::Hours(1), .burst = 3};
  for (int i = 0; i < 3; ++i) EXPECT_EQ(this->Take(rate), absl::ZeroDuration());
  for (int i = 0; i < 3; ++i) {  // what is refused is not counted
    const absl::Duration wait = this->Take(rate);
    EXPECT_LE(wait, absl::Hours(1));
    EXPECT_GT(wait, absl::Hours(1) - kPassed);
  }
}

TYPED_TEST(RequestLimiterContract, AfterTheWaitOneMoreIsLetThrough) {
  const RequestRate rate = {.interval = absl::Milliseconds(300), .burst = 1};
  EXPECT_EQ(this->Take(rate), absl::ZeroDuration());
  const absl::Duration wait = this->Take(rate);
  EXPECT_GT(wait, absl::ZeroDuration());
  this->store_.Pass(wait + absl::Milliseconds(1));
  EXPECT_EQ(this->Take(rate), absl::ZeroDuration());
  EXPECT_GT(this->Take(rate), absl::ZeroDuration());
}

TYPED_TEST(RequestLimiterContract, TenantsDoNotCountForEachOther) {
  const RequestRate rate = {.interval = absl::Hours(1), .burst = 1};
  EXPECT_EQ(this->Take(rate, "alice"), absl::ZeroDuration());
  EXPECT_EQ(this->Take(rate, "bob"), absl::ZeroDuration());
  EXPECT_GT(this->Take(rate, "alice"), absl::ZeroDuration());
}

TYPED_TEST(RequestLimiterContract, ATierThatBecameSlowerCountsFromThenOn) {
  EXPECT_EQ(this->Take({.interval = absl::Microseconds(1), .burst = 1}), absl::ZeroDuration());
  this->store_.Pass(absl::Milliseconds(2));
  const RequestRate slow = {.interval = absl::Hours(1), .burst = 2};
  EXPECT_EQ(this->Take(slow), absl::ZeroDuration());
  EXPECT_EQ(this->Take(slow), absl::ZeroDuration());
  EXPECT_GT(this->Take(slow), absl::Hours(1) - kPassed);
}

}  // namespace
}  // namespace darkroom::scheduler
