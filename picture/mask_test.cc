#include "picture/mask.h"

#include <cstddef>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "picture/blur.h"

namespace darkroom::picture {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;

GreyImage Black(int width, int height) {
  GreyImage mask{.width = width, .height = height, .pixels = {}};
  mask.pixels.resize(static_cast<std::size_t>(width) * height);
  return mask;
}

GreyImage WithDot(int width, int height, int x, int y) {
  GreyImage mask = Black(width, height);
  mask.pixels[static_cast<std::size_t>(y) * width + x] = 255;
  return mask;
}

TEST(BlurMaskTest, SpreadsADotEvenlyAndKeepsItsSum) {
  const GreyImage blurred = BlurMask(WithDot(11, 1, 5, 0), 1);
  EXPECT_THAT(blurred.pixels, ElementsAre(0, 0, 1, 14, 62, 102, 62, 14, 1, 0, 0));
}

TEST(BlurMaskTest, LeavesOneColourAloneHoweverWideItIs) {
  GreyImage white = Black(5, 3);
  white.pixels.assign(15, 255);
  EXPECT_THAT(BlurMask(white, 64).pixels, Each(255));
}

TEST(CropRegionTest, HasAllThatIsMaskedAndThePaddingThatFits) {
  EXPECT_EQ(CropRegion(WithDot(20, 10, 7, 2), 0), (Region{7, 2, 8, 3}));
  EXPECT_EQ(CropRegion(WithDot(20, 10, 7, 2), 4), (Region{3, 0, 12, 7}));
  EXPECT_EQ(CropRegion(Black(20, 10), 4), std::nullopt);
}

TEST(ExpandRegionTest, TakesTheProportionsAsFarAsThePictureGoes) {
  EXPECT_EQ(ExpandRegion({10, 10, 20, 15}, 64, 64, 100, 100), (Region{10, 8, 20, 18}));
  EXPECT_EQ(ExpandRegion({10, 10, 15, 20}, 64, 64, 100, 100), (Region{8, 10, 18, 20}));
  EXPECT_EQ(ExpandRegion({10, 0, 20, 5}, 64, 64, 100, 100), (Region{10, 0, 20, 10}));
  EXPECT_EQ(ExpandRegion({0, 0, 100, 5}, 64, 64, 100, 20), (Region{0, 0, 100, 20}));
}

TEST(FillMaskedTest, TakesTheColourFromAround) {
  RgbImage image{.width = 9, .height = 9, .pixels = {}};
  for (int i = 0; i < 81; ++i) image.pixels.insert(image.pixels.end(), {200, 100, 50});
  const std::size_t middle = std::size_t{3} * 40;
  image.pixels[middle] = 0;
  const RgbImage filled = FillMasked(image, WithDot(9, 9, 4, 4));
  EXPECT_NEAR(filled.pixels[middle], 200, 3);
  EXPECT_NEAR(filled.pixels[middle + 1], 100, 3);
}

}  // namespace
}  // namespace darkroom::picture
