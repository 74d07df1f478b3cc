#include "naming/upscale_plan.h"

#include "gtest/gtest.h"

namespace darkroom::naming {
namespace {

TEST(UpscalePlanTest, RunsTheNetworkOnceWhereThatIsEnough) {
  const UpscalePlan plan = PlanUpscale(512, 768, 1024, 1536, 4);
  EXPECT_EQ(plan.runs, 1);
  EXPECT_EQ(plan.aimed_width, 1024);
  EXPECT_EQ(plan.aimed_height, 1536);
  EXPECT_EQ(plan.largest_width, 2048);
  EXPECT_EQ(plan.pixels, 512 * 768);
}

TEST(UpscalePlanTest, RunsItAgainOnWhatItMadeUntilTheSizeIsReached) {
  const UpscalePlan plan = PlanUpscale(100, 50, 300, 150, 2);
  EXPECT_EQ(plan.runs, 2);
  EXPECT_EQ(plan.aimed_width, 296);
  EXPECT_EQ(plan.aimed_height, 144);
  EXPECT_EQ(plan.largest_height, 200);
  EXPECT_EQ(plan.pixels, 100 * 50 + 200 * 100);
}

TEST(UpscalePlanTest, StopsAfterThreeRuns) {
  const UpscalePlan plan = PlanUpscale(10, 10, 1000, 1000, 2);
  EXPECT_EQ(plan.runs, 3);
  EXPECT_EQ(plan.largest_width, 80);
}

TEST(UpscalePlanTest, RunsANetworkThatKeepsTheSizeOnce) {
  EXPECT_EQ(PlanUpscale(64, 64, 128, 128, 1).runs, 1);
}

TEST(UpscalePlanTest, RunsNothingWhereThePictureIsAsLargeAlready) {
  EXPECT_EQ(PlanUpscale(128, 64, 128, 64, 4).runs, 0);
  EXPECT_EQ(PlanUpscale(128, 64, 64, 64, 4).runs, 0);
  // Multiples of 8 that it has.
  EXPECT_EQ(PlanUpscale(64, 64, 70, 70, 4).runs, 0);
  EXPECT_EQ(PlanUpscale(64, 64, 70, 70, 4).aimed_width, 64);
}

TEST(UpscalePlanTest, CoversASizeOfOtherProportions) {
  const UpscalePlan plan = PlanUpscale(37, 23, 74, 80, 2);
  EXPECT_EQ(plan.aimed_width, 128);
  EXPECT_EQ(plan.aimed_height, 80);
  EXPECT_EQ(plan.runs, 2);
}

TEST(UpscalePlanTest, AnAimIsOfMultiplesOfEight) {
  EXPECT_EQ(AimBy(37, 23, 2), (UpscaleAim{2, 72, 40}));
  EXPECT_EQ(AimBy(7, 23, 1).width, 0);
  // The height decides; the width follows.
  const UpscaleAim aim = AimToCover(37, 23, 40, 96);
  EXPECT_EQ(aim.width, 152);
  EXPECT_EQ(aim.height, 96);
  for (int side = 8; side < 2000; ++side) {
    EXPECT_EQ(AimToCover(side, side, 1024, 1024).width, 1024) << side;
  }
}

TEST(UpscalePlanTest, ToAnAimItRunsAtAScaleOfOneAndNotBelow) {
  EXPECT_EQ(PlanUpscale(64, 64, AimBy(64, 64, 1), 4).runs, 1);
  EXPECT_EQ(PlanUpscale(64, 64, AimToCover(64, 64, 32, 32), 4).runs, 0);
  const UpscalePlan plan = PlanUpscale(100, 50, AimBy(100, 50, 3), 2);
  EXPECT_EQ(plan.runs, 2);
  EXPECT_EQ(plan.aimed_width, 296);
  EXPECT_EQ(plan.aimed_height, 144);
}

}  // namespace
}  // namespace darkroom::naming
