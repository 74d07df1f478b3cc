#include "picture/extension.h"

#include <cstdint>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace darkroom::picture {
namespace {

using ::testing::ElementsAre;

std::vector<int> RedOf(const RgbImage& image) {
  std::vector<int> red;
  for (std::size_t i = 0; i < image.pixels.size(); i += 3) red.push_back(image.pixels[i]);
  return red;
}

TEST(ExtendTest, DrawsTheEdgesOut) {
  const RgbImage image{.width = 2, .height = 2, .pixels = {1, 0, 0, 2, 0, 0, 3, 0, 0, 4, 0, 0}};
  const RgbImage extended = Extend(image, {.left = 1, .top = 0, .right = 2, .bottom = 1});
  EXPECT_EQ(extended.width, 5);
  EXPECT_EQ(extended.height, 3);
  EXPECT_THAT(RedOf(extended), ElementsAre(1, 1, 2, 2, 2,  //
                                           3, 3, 4, 4, 4,  //
                                           3, 3, 4, 4, 4));
}

TEST(MarginMaskTest, CoversTheMarginsAndWhatLiesNextToThem) {
  const GreyImage mask = MarginMask(4, 2, {.left = 2}, 1);
  EXPECT_THAT(mask.pixels, ElementsAre(255, 255, 255, 0, 0, 0,  //
                                       255, 255, 255, 0, 0, 0));
}

TEST(MarginMaskTest, ASideWithoutAMarginIsLeftAlone) {
  const GreyImage mask = MarginMask(3, 3, {.right = 1, .bottom = 1}, 1);
  EXPECT_THAT(mask.pixels, ElementsAre(0, 0, 255, 255,      //
                                       0, 0, 255, 255,      //
                                       255, 255, 255, 255,  //
                                       255, 255, 255, 255));
}

}  // namespace
}  // namespace darkroom::picture
