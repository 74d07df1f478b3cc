#include <memory>
#include <string>

#include "scheduler/testing/in_memory_store_meter.h"
#include "tests/contract/contract_test.h"
#include "tests/contract/redis_admin.h"

namespace darkroom::scheduler {
namespace {

constexpr std::int64_t kLimit = std::int64_t{300} << 20;

class InMemoryMeter {
 public:
  StoreMeter& meter() { return meter_; }
  void Limit(std::int64_t bytes) { meter_.SetUsage(StoreUsage{1000, bytes}); }

 private:
  InMemoryStoreMeter meter_{StoreUsage{1000, 0}};
};

class RedisMeter {
 public:
  StoreMeter& meter() { return ports_->store(); }
  void Limit(std::int64_t bytes) {
    admin_.Do({"CONFIG", "SET", "maxmemory", std::to_string(bytes)});
  }

 private:
  RedisServer server_;
  RedisAdmin admin_{server_.endpoint()};
  const std::unique_ptr<RedisPorts> ports_ =
      Connect({.endpoint = server_.endpoint(), .pool = RandomId(), .durations = {}}).value();
};

struct StoreMeterNames {
  template <typename Store>
  static std::string GetName(int) {
    return std::is_same_v<Store, InMemoryMeter> ? "InMemory" : "Redis";
  }
};

template <typename Store>
class StoreMeterContract : public testing::Test {
 protected:
  StoreUsage Measure() {
    return Await<StoreUsage>(
               absl::Seconds(60),
               [&](Callback<StoreUsage> done) { store_.meter().MeasureStore(std::move(done)); })
        .value();
  }

  Store store_;
};

using StoreMeters = testing::Types<InMemoryMeter, RedisMeter>;
TYPED_TEST_SUITE(StoreMeterContract, StoreMeters, StoreMeterNames);

TYPED_TEST(StoreMeterContract, MemoryIsToldAndItsLimitWhereItHasOne) {
  this->store_.Limit(0);
  EXPECT_GT(this->Measure().memory_bytes, 0);
  EXPECT_EQ(this->Measure().memory_limit_bytes, 0);
  this->store_.Limit(kLimit);
  EXPECT_EQ(this->Measure().memory_limit_bytes, kLimit);
}

}  // namespace
}  // namespace darkroom::scheduler
