#include "scheduler/monitor/pool_state.h"

#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace darkroom::scheduler {
namespace {

using ::testing::Contains;
using ::testing::IsSupersetOf;
using ::testing::Key;
using ::testing::Not;
using ::testing::Pair;

const absl::Time kNow = absl::FromUnixSeconds(1'000'000);

// "name{value,value}" → value.
std::map<std::string, double> Shown(const PoolState& state) {
  metrics::Samples samples;
  ShowPool(state, samples);
  std::map<std::string, double> shown;
  for (const metrics::Samples::Sample& sample : samples.all()) {
    std::string series(sample.name);
    for (const auto& [name, value] : sample.labels) absl::StrAppend(&series, " ", value);
    EXPECT_TRUE(shown.emplace(series, sample.value).second) << series << " twice";
  }
  return shown;
}

TEST(PoolStateTest, AnEmptyPoolHasNoTierAndNobody) {
  const std::map<std::string, double> shown = Shown({.read = kNow});
  EXPECT_THAT(shown,
              IsSupersetOf({Pair("darkroom_running_jobs", 0), Pair("darkroom_dead_letters", 0),
                            Pair("darkroom_workers serve", 0), Pair("darkroom_workers pause", 0),
                            Pair("darkroom_workers drain", 0)}));
  EXPECT_EQ(shown.size(), 8u);  // and the store's memory, its limit and its log
}

TEST(PoolStateTest, QueuesAreShownByTierAndModelWithTheAgeOfTheOldest) {
  PoolState state = {.read = kNow};
  state.tiers = {{.tier = "pro",
                  .weight = 4,
                  .queued = 5,
                  .queued_cost = absl::Seconds(20),
                  .oldest = kNow - absl::Seconds(9),
                  .models = {{"ant", 2, kNow - absl::Seconds(9)}, {"bee", 3, kNow}}}};
  EXPECT_THAT(Shown(state), IsSupersetOf({Pair("darkroom_queue_jobs pro ant", 2),
                                          Pair("darkroom_queue_jobs pro bee", 3),
                                          Pair("darkroom_queue_oldest_age_seconds pro ant", 9),
                                          Pair("darkroom_queue_oldest_age_seconds pro bee", 0),
                                          Pair("darkroom_queue_device_seconds pro", 20),
                                          Pair("darkroom_tier_weight pro", 4)}));
}

TEST(PoolStateTest, JobsWhoseModelWasNotLookedAtAreNotLost) {
  PoolState state = {.read = kNow};
  state.tiers = {{.tier = "pro", .queued = 5, .models = {{.model = "ant", .queued = 2}}}};
  EXPECT_THAT(Shown(state), IsSupersetOf({Pair("darkroom_queue_jobs pro ant", 2),
                                          Pair("darkroom_queue_jobs pro (other)", 3)}));
  EXPECT_THAT(Shown(state), Not(Contains(Key("darkroom_queue_oldest_age_seconds pro ant"))));
}

TEST(PoolStateTest, AClockThatIsBehindTheStoresMakesNoNegativeAge) {
  PoolState state = {.read = kNow};
  state.tiers = {
      {.tier = "pro", .queued = 1, .models = {{"ant", 1, kNow + absl::Milliseconds(3)}}}};
  EXPECT_THAT(Shown(state), Contains(Pair("darkroom_queue_oldest_age_seconds pro ant", 0)));
}

TEST(PoolStateTest, WorkersAreCountedByWhatIsWantedOfThem) {
  PoolState state = {.read = kNow};
  state.workers = {{"a", ""}, {"b", "", WorkerWish::kPause}, {"c", ""}};
  state.models = {{"ant", "", 3}, {"bee", "", 0}};
  EXPECT_THAT(
      Shown(state),
      IsSupersetOf({Pair("darkroom_workers serve", 2), Pair("darkroom_workers pause", 1),
                    Pair("darkroom_workers drain", 0), Pair("darkroom_model_workers ant", 3),
                    Pair("darkroom_model_workers bee", 0)}));
}

TEST(PoolStateTest, ErrorsOfPromisesAreShownByTier) {
  PoolState state = {.read = kNow};
  TierErrors errors;
  errors.first.Add(ErrorHistogram::kBuckets - 1, 10);  // above 5
  errors.newest.Add(0, 10);                            // up to 0.02
  state.promises["pro"] = errors;
  const std::map<std::string, double> shown = Shown(state);
  EXPECT_THAT(shown, IsSupersetOf({Pair("darkroom_promised_jobs pro", 10),
                                   Pair("darkroom_promise_error_ratio pro first 50", 5),
                                   Pair("darkroom_promise_error_ratio pro first 90", 5)}));
  EXPECT_LE(shown.at("darkroom_promise_error_ratio pro newest 90"), 0.02);
}

}  // namespace
}  // namespace darkroom::scheduler
