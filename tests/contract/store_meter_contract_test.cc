#include <csignal>
#include <fstream>
#include <memory>
#include <string>

#include "absl/time/clock.h"
#include "scheduler/redis/redis_info.h"
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
  void BreakLog() { meter_.SetUsage(StoreUsage{1000, 0, false}); }

 private:
  InMemoryStoreMeter meter_{StoreUsage{1000, 0}};
};

class RedisMeter {
 public:
  StoreMeter& meter() { return ports_->store(); }
  void Limit(std::int64_t bytes) {
    admin_.Do({"CONFIG", "SET", "maxmemory", std::to_string(bytes)});
  }
  // The process that rewrites it is killed, as where memory is short.
  void BreakLog() {
    for (int i = 0; i < 100; ++i) admin_.Do({"SET", std::to_string(i), "value"});
    admin_.Do(
        {"CONFIG", "SET", "rdb-key-save-delay", "100000"});  // microseconds: ten seconds in all
    admin_.Do({"BGREWRITEAOF"});
    const std::int64_t pid = InfoNumber(admin_.Do({"INFO", "server"}).text, "process_id");
    std::ifstream children("/proc/" + std::to_string(pid) + "/task/" + std::to_string(pid) +
                           "/children");
    pid_t child = 0;
    ASSERT_TRUE(children >> child);
    ASSERT_EQ(kill(child, SIGKILL), 0);
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
  EXPECT_TRUE(this->Measure().log_ok);
}

TYPED_TEST(StoreMeterContract, ALogThatCannotBeShortenedIsSeen) {
  ASSERT_TRUE(this->Measure().log_ok);
  this->store_.BreakLog();
  const absl::Time patience = absl::Now() + absl::Seconds(60);
  while (this->Measure().log_ok && absl::Now() < patience) absl::SleepFor(absl::Milliseconds(20));
  EXPECT_FALSE(this->Measure().log_ok);
}

}  // namespace
}  // namespace darkroom::scheduler
