#include "scheduler/core/fair_order.h"

#include <vector>

#include "gtest/gtest.h"

namespace darkroom::scheduler {
namespace {

constexpr VirtualTime kSecond = 1'000'000;

TierHeads Heads(std::vector<QueueHead> heads, VirtualTime clock = 0, std::int64_t weight = 1) {
  return {.clock = clock, .weight = weight, .heads = std::move(heads)};
}

TEST(FairOrderTest, HasNothingToChooseWhenNoTierHasAHead) {
  EXPECT_EQ(ChooseHead({}, 0), std::nullopt);
}

TEST(FairOrderTest, ServesTheLeastTag) {
  const std::vector<TierHeads> tiers = {
      Heads({{.start = 7, .order = 1}, {.start = 3, .order = 2}})};
  EXPECT_EQ(ChooseHead(tiers, 0), (HeadChoice{.tier = 0, .head = 1, .least_start = 3}));
}

TEST(FairOrderTest, OfEqualTagsServesTheOlderJob) {
  const std::vector<TierHeads> tiers = {
      Heads({{.start = 3, .order = 9}, {.start = 3, .order = 4}, {.start = 3, .order = 6}})};
  EXPECT_EQ(ChooseHead(tiers, 0)->head, 1);
}

TEST(FairOrderTest, ServesTheTierWhoseClockIsLeastWhateverItsTags) {
  const std::vector<TierHeads> tiers = {Heads({{.start = 0, .order = 1}}, 50),
                                        Heads({{.start = 900, .order = 2}}, 49)};
  EXPECT_EQ(ChooseHead(tiers, 0),
            (HeadChoice{.tier = 1, .head = 0, .least_clock = 49, .least_start = 900}));
}

TEST(FairOrderTest, OfEqualClocksServesTheOlderJob) {
  const std::vector<TierHeads> tiers = {Heads({{.start = 0, .order = 8}}, 5),
                                        Heads({{.start = 9, .order = 2}}, 5)};
  EXPECT_EQ(ChooseHead(tiers, 0)->tier, 1);
}

TEST(FairOrderTest, ALoadedModelGoesFirstWithinTheSlackAndNotBeyond) {
  const auto tiers = [](VirtualTime start) {
    return std::vector<TierHeads>{
        Heads({{.start = 0, .order = 1}, {.start = start, .order = 2, .preferred = true}})};
  };
  EXPECT_EQ(ChooseHead(tiers(30 * kSecond), 30 * kSecond)->head, 1);
  EXPECT_EQ(ChooseHead(tiers(30 * kSecond + 1), 30 * kSecond)->head, 0);
}

TEST(FairOrderTest, TheFloorIsTheTagThatWasPassedOver) {
  const std::vector<TierHeads> tiers = {
      Heads({{.start = 2, .order = 1}, {.start = 5, .order = 2, .preferred = true}})};
  EXPECT_EQ(ChooseHead(tiers, 10)->least_start, 2);
}

TEST(FairOrderTest, AmongLoadedModelsTheLeastTagGoesFirst) {
  const std::vector<TierHeads> tiers = {Heads({{.start = 1, .order = 1},
                                               {.start = 5, .order = 2, .preferred = true},
                                               {.start = 4, .order = 3, .preferred = true}})};
  EXPECT_EQ(ChooseHead(tiers, 10)->head, 2);
}

TEST(FairOrderTest, ATierMayGoAheadForItsLoadedModelByTheSlackOverItsWeight) {
  const auto tiers = [](VirtualTime clock) {
    return std::vector<TierHeads>{
        Heads({{.start = 0, .order = 1}}),
        Heads({{.start = 0, .order = 2, .preferred = true}}, clock, /*weight=*/3)};
  };
  EXPECT_EQ(ChooseHead(tiers(10 * kSecond), 30 * kSecond)->tier, 1);
  EXPECT_EQ(ChooseHead(tiers(10 * kSecond), 30 * kSecond)->least_clock, 0);
  EXPECT_EQ(ChooseHead(tiers(10 * kSecond + 1), 30 * kSecond)->tier, 0);
}

TEST(FairOrderTest, TheLeastClockStaysWhenItsOwnModelIsLoaded) {
  const std::vector<TierHeads> tiers = {Heads({{.start = 0, .order = 2, .preferred = true}}, 1),
                                        Heads({{.start = 0, .order = 1, .preferred = true}}, 2)};
  EXPECT_EQ(ChooseHead(tiers, kSecond)->tier, 0);
}

TEST(FairOrderTest, ATagIsNeverBeforeItsFloor) {
  EXPECT_EQ(StartTag(5, 3), 5);
  EXPECT_EQ(StartTag(2, 3), 3);
}

}  // namespace
}  // namespace darkroom::scheduler
