#include "scheduler/monitor/pool_monitor.h"

#include <functional>
#include <string>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "scheduler/testing/in_memory_fleet.h"
#include "scheduler/testing/in_memory_promise_meter.h"
#include "scheduler/testing/in_memory_scheduler.h"
#include "scheduler/testing/in_memory_store_meter.h"

namespace darkroom::scheduler {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr absl::Duration kPatience = absl::Seconds(60);

class PoolMonitorTest : public ::testing::Test {
 protected:
  PoolMonitor::Ports ports() { return {store_, scheduler_, fleet_, scheduler_, promises_}; }

  // The text once it matches, or as it is when patience is over.
  std::string AwaitText(const ::testing::Matcher<std::string>& matcher) {
    const absl::Time until = absl::Now() + kPatience;
    std::string text = registry_.Text();
    while (!matcher.Matches(text) && absl::Now() < until) {
      absl::SleepFor(absl::Milliseconds(5));
      text = registry_.Text();
    }
    return text;
  }

  const Clock& clock_ = Clock::System();
  metrics::Registry registry_;
  InMemoryScheduler scheduler_{&clock_};
  InMemoryFleet fleet_{&clock_};
  InMemoryPromiseMeter promises_{&clock_};
  InMemoryStoreMeter store_{StoreUsage{1000, 5000}};
};

TEST_F(PoolMonitorTest, WhatWasReadIsShown) {
  const PoolMonitor monitor(ports(), registry_, clock_);
  const std::string text = AwaitText(HasSubstr("darkroom_redis_up 1\n"));
  EXPECT_THAT(text, AllOf(HasSubstr("darkroom_redis_memory_used_bytes 1000\n"),
                          HasSubstr("darkroom_redis_memory_limit_bytes 5000\n"),
                          HasSubstr("darkroom_redis_round_trip_seconds_count 1\n"),
                          HasSubstr("darkroom_running_jobs 0\n")));
}

TEST_F(PoolMonitorTest, ItReadsAgain) {
  const PoolMonitor monitor(ports(), registry_, clock_, absl::Milliseconds(1));
  AwaitText(HasSubstr("darkroom_redis_memory_used_bytes 1000\n"));
  store_.SetUsage(StoreUsage{2000, 5000});
  fleet_.ReportWorker({.worker = "worker-1", .record = "record"},
                      [](const auto& wish) { EXPECT_TRUE(wish.ok()); });
  const auto both = AllOf(HasSubstr("darkroom_redis_memory_used_bytes 2000\n"),
                          HasSubstr("darkroom_workers{wish=\"serve\"} 1\n"));
  EXPECT_THAT(AwaitText(both), both);
}

TEST_F(PoolMonitorTest, APoolThatCannotBeReadIsNotShownAsItWas) {
  const PoolMonitor monitor(ports(), registry_, clock_, absl::Milliseconds(1));
  AwaitText(HasSubstr("darkroom_redis_up 1\n"));
  store_.SetUsage(absl::UnavailableError("gone"));
  const std::string text = AwaitText(HasSubstr("darkroom_redis_up 0\n"));
  EXPECT_EQ(monitor.health(), absl::UnavailableError("gone"));
  EXPECT_THAT(text,
              AllOf(HasSubstr("darkroom_redis_up 0\n"), Not(HasSubstr("darkroom_running_jobs"))));
  store_.SetUsage(StoreUsage{1000, 0});
  EXPECT_THAT(AwaitText(HasSubstr("darkroom_redis_up 1\n")),
              HasSubstr("darkroom_running_jobs 0\n"));
  EXPECT_TRUE(monitor.health().ok());
}

}  // namespace
}  // namespace darkroom::scheduler
