#include "picture/resize.h"

#include <cstdint>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "picture/resample.h"

namespace darkroom::picture {
namespace {

// Every pixel of one column has the column's number in all channels, times ten.
RgbImage Columns(int width, int height) {
  RgbImage image{.width = width, .height = height, .pixels = {}};
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) image.pixels.insert(image.pixels.end(), 3, 10 * x);
  }
  return image;
}

// The red channel of a row.
std::vector<int> Row(const RgbImage& image, int y) {
  std::vector<int> row;
  for (int x = 0; x < image.width; ++x) {
    row.push_back(image.pixels[(static_cast<std::size_t>(y) * image.width + x) * 3]);
  }
  return row;
}

TEST(ResizeTest, LeavesAPictureOfTheSizeAlone) {
  const RgbImage image = Columns(8, 4);
  for (const ResizeMode mode : {ResizeMode::kStretch, ResizeMode::kCrop, ResizeMode::kFill}) {
    EXPECT_EQ(Resize(image, mode, 8, 4), image);
  }
}

TEST(ResizeTest, CropsTheMiddle) {
  const RgbImage cropped = Resize(Columns(8, 4), ResizeMode::kCrop, 4, 4);
  EXPECT_THAT(Row(cropped, 0), ::testing::ElementsAre(20, 30, 40, 50));
}

TEST(ResizeTest, FillsWithTheEdgesDrawnOut) {
  const RgbImage filled = Resize(Columns(4, 4), ResizeMode::kFill, 8, 4);
  // Of 0 and 10 the bicubic filter makes −1.25, of 20 and 30 31.25.
  EXPECT_THAT(Row(filled, 2), ::testing::ElementsAre(0, 0, 0, 10, 20, 30, 31, 31));
}

TEST(ResizeTest, KeepsOneColourOneColour) {
  RgbImage image{.width = 13, .height = 5, .pixels = {}};
  image.pixels.assign(std::size_t{3} * 13 * 5, 200);
  for (const ResizeMode mode : {ResizeMode::kStretch, ResizeMode::kCrop}) {
    const RgbImage resized = Resize(image, mode, 40, 64);
    EXPECT_THAT(resized.pixels, ::testing::Each(200));
    EXPECT_EQ(resized.pixels.size(), std::size_t{3} * 40 * 64);
  }
}

TEST(ResizeTest, TakesTheMostUnequalProportionsThatAreLetIn) {
  const RgbImage filled = Resize(Columns(16, 1), ResizeMode::kFill, 8, 64);
  EXPECT_EQ(filled.pixels.size(), std::size_t{3} * 8 * 64);
  const RgbImage cropped = Resize(Columns(16, 1), ResizeMode::kCrop, 8, 64);
  EXPECT_EQ(cropped.pixels.size(), std::size_t{3} * 8 * 64);
}

}  // namespace
}  // namespace darkroom::picture
