#include "common/metrics/registry.h"

#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "common/metrics/names.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace darkroom::metrics {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr CounterName<2> kServed = {
    "test_served_total", "Meals that were served", {"kitchen", "meal"}};
constexpr GaugeName<0> kGuests = {"test_guests", "Guests who are there"};
constexpr double kEnds[] = {0.5, 1};
constexpr HistogramName<1> kWaits = {
    "test_wait_seconds", "Meals, by how long they took", kEnds, {"kitchen"}};

TEST(RegistryTest, NothingIsShownThatWasNeverCounted) {
  const Registry registry;
  EXPECT_THAT(registry.Text(), IsEmpty());
}

TEST(RegistryTest, ACounterAddsUpByItsLabels) {
  Registry registry;
  registry.Add(kServed, 2, "north", "soup");
  registry.Add(kServed, 1, "north", "soup");
  registry.Add(kServed, 1, "south", "soup");
  const std::string text = registry.Text();
  EXPECT_THAT(text, HasSubstr("# HELP test_served_total Meals that were served\n"));
  EXPECT_THAT(text, HasSubstr("# TYPE test_served_total counter\n"));
  EXPECT_THAT(text, HasSubstr("test_served_total{kitchen=\"north\",meal=\"soup\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("test_served_total{kitchen=\"south\",meal=\"soup\"} 1\n"));
}

TEST(RegistryTest, AValueThatSplitsIntoLabelsOtherwiseIsAnotherSeries) {
  Registry registry;
  registry.Add(kServed, 1, "a", "bc");
  registry.Add(kServed, 1, "ab", "c");
  const std::string text = registry.Text();
  EXPECT_THAT(text, HasSubstr("{kitchen=\"a\",meal=\"bc\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("{kitchen=\"ab\",meal=\"c\"} 1\n"));
}

TEST(RegistryTest, ZeroMakesASeriesKnown) {
  Registry registry;
  registry.Add(kServed, 0, "north", "soup");
  EXPECT_THAT(registry.Text(), HasSubstr("test_served_total{kitchen=\"north\",meal=\"soup\"} 0\n"));
}

TEST(RegistryTest, AGaugeFallsAsWell) {
  Registry registry;
  registry.Change(kGuests, 3);
  registry.Change(kGuests, -1);
  EXPECT_THAT(registry.Text(), HasSubstr("\ntest_guests 2\n"));
}

TEST(RegistryTest, AHistogramCountsUpToTheEndOfEachBucket) {
  Registry registry;
  for (const double seconds : {0.25, 0.5, 0.75, 8.0}) registry.Observe(kWaits, seconds, "north");
  const std::string text = registry.Text();
  EXPECT_THAT(text, HasSubstr("test_wait_seconds_bucket{kitchen=\"north\",le=\"0.5\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("test_wait_seconds_bucket{kitchen=\"north\",le=\"1\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("test_wait_seconds_bucket{kitchen=\"north\",le=\"+Inf\"} 4\n"));
  EXPECT_THAT(text, HasSubstr("test_wait_seconds_sum{kitchen=\"north\"} 9.5\n"));
  EXPECT_THAT(text, HasSubstr("test_wait_seconds_count{kitchen=\"north\"} 4\n"));
}

TEST(RegistryTest, ACollectorIsAskedAtEachScrapeUntilItGoes) {
  Registry registry;
  int guests = 0;
  std::optional<Registry::Collector> collector;
  collector.emplace(registry, [&guests](Samples& samples) { samples.Set(kGuests, ++guests); });
  EXPECT_THAT(registry.Text(), HasSubstr("# TYPE test_guests gauge\ntest_guests 1\n"));
  EXPECT_THAT(registry.Text(), HasSubstr("test_guests 2\n"));
  collector.reset();
  EXPECT_THAT(registry.Text(), IsEmpty());
  EXPECT_EQ(guests, 2);
}

TEST(RegistryTest, WhatACollectorNoLongerSetsIsNoLongerShown) {
  Registry registry;
  std::vector<std::string> kitchens = {"north", "south"};
  const Registry::Collector collector(registry, [&kitchens](Samples& samples) {
    for (const std::string& kitchen : kitchens) samples.Set(kServed, 5, kitchen, "soup");
  });
  EXPECT_THAT(registry.Text(), HasSubstr("kitchen=\"south\""));
  kitchens.pop_back();
  const std::string text = registry.Text();
  EXPECT_THAT(text, Not(HasSubstr("kitchen=\"south\"")));
  EXPECT_THAT(text, HasSubstr("# TYPE test_served_total counter\n"
                              "test_served_total{kitchen=\"north\",meal=\"soup\"} 5\n"));
}

// Each metric's head stands once, before all its samples.
TEST(RegistryTest, SamplesOfTwoCollectorsStandTogether) {
  Registry registry;
  const auto collect = [](const std::string& kitchen) {
    return [kitchen](Samples& samples) {
      samples.Set(kServed, 1, kitchen, "soup");
      samples.Set(kGuests, 1);
    };
  };
  const Registry::Collector north(registry, collect("north"));
  const Registry::Collector south(registry, collect("south"));
  EXPECT_THAT(registry.Text(), HasSubstr("test_served_total{kitchen=\"north\",meal=\"soup\"} 1\n"
                                         "test_served_total{kitchen=\"south\",meal=\"soup\"} 1\n"));
}

TEST(RegistryTest, ThreadsCountTogetherWhileItIsScraped) {
  constexpr int kThreads = 4;
  constexpr int kEach = 500;
  Registry registry;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&registry] {
      for (int each = 0; each < kEach; ++each) {
        registry.Add(kServed, 1, "north", "soup");
        registry.Observe(kWaits, 1, "north");
      }
    });
  }
  for (int i = 0; i < 20; ++i) EXPECT_THAT(registry.Text(), Not(HasSubstr("} 2001\n")));
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(registry.Text(), HasSubstr("meal=\"soup\"} 2000\n"));
  EXPECT_THAT(registry.Text(), HasSubstr("test_wait_seconds_count{kitchen=\"north\"} 2000\n"));
}

}  // namespace
}  // namespace darkroom::metrics
