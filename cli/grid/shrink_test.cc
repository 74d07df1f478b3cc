#include "cli/grid/shrink.h"

#include <gtest/gtest.h>

namespace darkroom::cli {
namespace {

TEST(ShrinkTest, TakesTheMeanOfEachSquare) {
  const RgbImage image{4, 2, {0, 0, 10, 10, 0, 10, 7, 7, 7, 7, 7, 7,  //
                              0, 4, 10, 10, 0, 10, 7, 7, 7, 7, 7, 7}};
  EXPECT_EQ(Shrink(image, 2), (RgbImage{2, 1, {5, 1, 10, 7, 7, 7}}));
}

TEST(ShrinkTest, KeepsAtLeastOnePixel) {
  EXPECT_EQ(Shrink({1, 2, {1, 1, 1, 3, 3, 3}}, 5), (RgbImage{1, 1, {2, 2, 2}}));
}

TEST(ShrinkTest, CutsOffWhatIsLeftOver) {
  EXPECT_EQ(Shrink({3, 2, std::vector<std::uint8_t>(18, 9)}, 2), (RgbImage{1, 1, {9, 9, 9}}));
}

TEST(ShrinkTest, ChangesNothingByOne) {
  const RgbImage image{1, 1, {1, 2, 3}};
  EXPECT_EQ(Shrink(image, 1), image);
}

}  // namespace
}  // namespace darkroom::cli
