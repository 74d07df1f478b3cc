#include "cli/grid/compose.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>

#include "cli/grid/text_fit.h"

namespace darkroom::cli {
namespace {

using Pixel = std::array<std::uint8_t, 3>;

RgbImage Plain(int width, int height, Pixel colour) {
  RgbImage image{width, height, {}};
  for (int i = 0; i < width * height; ++i) {
    image.pixels.insert(image.pixels.end(), colour.begin(), colour.end());
  }
  return image;
}

Pixel At(const RgbImage& image, int x, int y) {
  const std::uint8_t* pixel = &image.pixels[(static_cast<std::size_t>(y) * image.width + x) * 3];
  return {pixel[0], pixel[1], pixel[2]};
}

std::map<Pixel, int> Count(const RgbImage& image) {
  std::map<Pixel, int> count;
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) ++count[At(image, x, y)];
  }
  return count;
}

constexpr Pixel kRed = {255, 0, 0};
constexpr Pixel kGreen = {0, 255, 0};
constexpr Pixel kBlue = {0, 0, 255};
constexpr Pixel kWhite = {255, 255, 255};
constexpr Pixel kMissing = {224, 224, 224};

class ComposeTest : public ::testing::Test {
 protected:
  ComposeTest() : font_(Font::Load().value()) {}

  RgbImage Compose(const GridContent& content) { return ComposeGrid(content, *font_); }

  std::unique_ptr<Font> font_;
};

TEST_F(ComposeTest, ShowsEveryPixelOfEveryPicture) {
  const RgbImage grid =
      Compose({{{{"x1", "x2"}, {""}, {""}}}, {Plain(40, 30, kRed), Plain(40, 30, kGreen)}});
  auto count = Count(grid);
  EXPECT_EQ(count[kRed], 1200);
  EXPECT_EQ(count[kGreen], 1200);
  EXPECT_EQ(At(grid, 0, 0), kWhite);
  EXPECT_EQ(At(grid, grid.width - 1, grid.height - 1), kWhite);
}

TEST_F(ComposeTest, PutsXToTheRightAndYDown) {
  const RgbImage grid = Compose(
      {{{{"", ""}, {"", ""}, {""}}},
       {Plain(20, 20, kRed), Plain(20, 20, kGreen), Plain(20, 20, kBlue), Plain(20, 20, kWhite)}});
  const int gap = (grid.width - 40) / 3;
  EXPECT_EQ(At(grid, gap, gap), kRed);
  EXPECT_EQ(At(grid, 2 * gap + 20, gap), kGreen);
  EXPECT_EQ(At(grid, gap, 2 * gap + 20), kBlue);
}

TEST_F(ComposeTest, MakesRoomForLabels) {
  const std::vector<GridCell> cells = {Plain(100, 100, kRed)};
  const RgbImage bare = Compose({{{{""}, {""}, {""}}}, cells});
  const RgbImage labelled = Compose({{{{"Steps: 20"}, {"Euler"}, {"CFG Scale: 7"}}}, cells});
  EXPECT_GT(labelled.width, bare.width);
  EXPECT_GE(labelled.height, bare.height + 2 * LineHeight(13));
  EXPECT_GT(Count(labelled).size(), 2u) << "there is something written";
  EXPECT_EQ(Count(bare).size(), 2u);
}

TEST_F(ComposeTest, PutsSmallerPicturesInTheMiddle) {
  const RgbImage grid =
      Compose({{{{"", ""}, {""}, {""}}}, {Plain(40, 40, kRed), Plain(20, 10, kGreen)}});
  const int gap = (grid.width - 80) / 3;
  EXPECT_EQ(Count(grid)[kGreen], 200);
  EXPECT_EQ(At(grid, 2 * gap + 40 + 10, gap + 15), kGreen);
  EXPECT_EQ(At(grid, 2 * gap + 40 + 9, gap + 15), kWhite);
}

TEST_F(ComposeTest, SaysInACellWhyThereIsNoPicture) {
  const RgbImage grid =
      Compose({{{{"", ""}, {""}, {""}}}, {Plain(90, 90, kGreen), std::string("out of memory")}});
  auto count = Count(grid);
  EXPECT_GT(count[kMissing], 90 * 90 / 2);
  EXPECT_LT(count[kMissing], 90 * 90) << "there is something written";
}

TEST_F(ComposeTest, DrawsAGridOfFailuresAlone) {
  const RgbImage grid = Compose({{{{"a"}, {""}, {""}}}, {std::string("no")}});
  EXPECT_GT(Count(grid)[kMissing], 0);
}

TEST_F(ComposeTest, ShrinksCellsSoThatTheGridKeepsItsBound) {
  GridContent content{{{{}, {""}, {""}}}, std::vector<GridCell>(16, Plain(80, 40, kRed))};
  content.labels[0].assign(16, "");
  EXPECT_EQ(Count(ComposeGrid(content, *font_, 16 * 80 * 40))[kRed], 16 * 80 * 40);
  EXPECT_EQ(Count(ComposeGrid(content, *font_, 16 * 80 * 40 - 1))[kRed], 16 * 40 * 20);
}

}  // namespace
}  // namespace darkroom::cli
