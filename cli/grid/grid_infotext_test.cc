#include "cli/grid/grid_infotext.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace darkroom::cli {
namespace {

using ::testing::ElementsAre;

const char kPicture[] =
    "a red apple\n"
    "Steps: 5, Sampler: Euler, Schedule type: Automatic, CFG scale: 7, Seed: 9, Size: 64x64, "
    "Version: darkroom v1";

TEST(GridInfotextTest, NamesTheAxesAsTheOriginalDoes) {
  const GridAxes axes = {*ParseAxis("steps=5,10"), *ParseAxis("prompt=\"red, ripe\",green"), {}};
  EXPECT_EQ(GridInfotext(kPicture, axes),
            "a red apple\n"
            "Steps: 5, Sampler: Euler, Schedule type: Automatic, CFG scale: 7, Seed: 9, Size: "
            "64x64, Script: X/Y/Z plot, X Type: Steps, X Values: \"5,10\", Y Type: Prompt S/R, Y "
            "Values: \"\\\"red, ripe\\\",green\", Version: darkroom v1");
}

TEST(GridInfotextTest, TellsDrawnSeeds) {
  GridAxes axes;
  axes[2] = *ParseAxis("seed=-1,5");
  axes[2]->values[0] = "77";
  EXPECT_EQ(GridInfotext(kPicture, axes),
            "a red apple\n"
            "Steps: 5, Sampler: Euler, Schedule type: Automatic, CFG scale: 7, Seed: 9, Size: "
            "64x64, Script: X/Y/Z plot, Z Type: Seed, Z Values: \"-1,5\", Fixed Z Values: \"77, "
            "5\", Version: darkroom v1");
}

TEST(GridInfotextTest, ReplacesThePairsOfAnEarlierGrid) {
  const GridAxes first = {*ParseAxis("seed=5,10"), {}, {}};
  GridAxes second;
  second[1] = *ParseAxis("steps=5,10");
  EXPECT_EQ(GridInfotext(GridInfotext(kPicture, first), second), GridInfotext(kPicture, second));
}

TEST(GridInfotextTest, IsReadBackIntoAxes) {
  GridAxes axes = {*ParseAxis("steps=5,10"), *ParseAxis("prompt=\"red, ripe\",green"),
                   *ParseAxis("seed=-1,5")};
  axes[2]->values[0] = "77";
  const GridText text = SplitGridInfotext(GridInfotext(kPicture, axes));
  EXPECT_EQ(text.first_picture, kPicture);
  EXPECT_THAT(text.axes, ElementsAre("Steps=5,10", "Prompt S/R=\"red, ripe\",green", "Seed=77, 5"));
  for (const std::string& axis : text.axes) EXPECT_TRUE(ParseAxis(axis).ok()) << axis;
}

TEST(GridInfotextTest, LeavesOtherPicturesAlone) {
  const std::string other = "a boat\nSteps: 5, Sampler: Euler, Script: another, X Type: Steps";
  EXPECT_EQ(SplitGridInfotext(other).first_picture, other);
  EXPECT_THAT(SplitGridInfotext(other).axes, ElementsAre("", "", ""));
}

}  // namespace
}  // namespace darkroom::cli
