#include "picture/inpainting.h"

#include <cstddef>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace darkroom::picture {
namespace {

using ::testing::Each;

constexpr int kSide = 32;

RgbImage Plain(int side, std::uint8_t value) {
  RgbImage image{.width = side, .height = side, .pixels = {}};
  image.pixels.assign(std::size_t{3} * side * side, value);
  return image;
}

// White from `from` to `to` on either axis.
GreyImage Square(int from, int to) {
  GreyImage mask{.width = kSide, .height = kSide, .pixels = {}};
  for (int y = 0; y < kSide; ++y) {
    for (int x = 0; x < kSide; ++x) {
      const bool inside = x >= from && x < to && y >= from && y < to;
      mask.pixels.push_back(inside ? 255 : 0);
    }
  }
  return mask;
}

std::uint8_t At(const RgbImage& image, int x, int y) {
  return image.pixels[(static_cast<std::size_t>(y) * image.width + x) * 3];
}

TEST(InpaintingTest, WhatIsMadeIsSeenWhereTheMaskIsAndNowhereElse) {
  const auto start = BeginInpainting(Plain(kSide, 50), Square(8, 24), {.blur = 0},
                                     ResizeMode::kStretch, kSide, kSide);
  ASSERT_TRUE(start.has_value());
  const RgbImage result = ApplyOverlay(start->overlay, Plain(kSide, 200));
  EXPECT_EQ(At(result, 7, 16), 50);
  EXPECT_EQ(At(result, 8, 16), 200);
  EXPECT_EQ(At(result, 23, 16), 200);
  EXPECT_EQ(At(result, 24, 16), 50);
}

TEST(InpaintingTest, InvertedItIsTheOtherWayRound) {
  const auto start = BeginInpainting(Plain(kSide, 50), Square(8, 24), {.blur = 0, .inverted = true},
                                     ResizeMode::kStretch, kSide, kSide);
  ASSERT_TRUE(start.has_value());
  const RgbImage result = ApplyOverlay(start->overlay, Plain(kSide, 200));
  EXPECT_EQ(At(result, 7, 16), 200);
  EXPECT_EQ(At(result, 8, 16), 50);
}

TEST(InpaintingTest, OnlyTheMaskedRegionIsMadeAtFullSizeAndPutBack) {
  const auto start = BeginInpainting(Plain(kSide, 50), Square(8, 16), {.blur = 0, .padding = 4},
                                     ResizeMode::kStretch, 64, 64);
  ASSERT_TRUE(start.has_value());
  EXPECT_EQ(start->overlay.region, (Region{4, 4, 20, 20}));
  EXPECT_EQ(start->picture.width, 64);
  EXPECT_EQ(start->mask.width, 64);
  const RgbImage result = ApplyOverlay(start->overlay, Plain(64, 200));
  EXPECT_EQ(result.width, kSide);
  EXPECT_EQ(At(result, 7, 12), 50) << "padding is kept";
  EXPECT_EQ(At(result, 12, 12), 200);
  EXPECT_EQ(At(result, 30, 30), 50);
}

TEST(InpaintingTest, ASoftEdgeBlendsTheTwo) {
  const auto start = BeginInpainting(Plain(kSide, 0), Square(8, 24), {.blur = 4},
                                     ResizeMode::kStretch, kSide, kSide);
  ASSERT_TRUE(start.has_value());
  const RgbImage result = ApplyOverlay(start->overlay, Plain(kSide, 200));
  EXPECT_LT(At(result, 0, 16), At(result, 4, 16));
  EXPECT_LT(At(result, 4, 16), At(result, 7, 16));
  EXPECT_EQ(At(result, 16, 16), 200);
}

TEST(InpaintingTest, AMaskOfNothingIsTold) {
  EXPECT_FALSE(
      BeginInpainting(Plain(kSide, 0), Square(0, 0), {}, ResizeMode::kStretch, 8, 8).has_value());
  EXPECT_FALSE(BeginInpainting(Plain(kSide, 0), Square(0, kSide), {.inverted = true},
                               ResizeMode::kStretch, 8, 8)
                   .has_value());
}

TEST(InpaintingTest, FillingTakesAwayWhatTheMaskCovers) {
  RgbImage image = Plain(kSide, 100);
  for (int y = 10; y < 22; ++y) {
    for (int x = 10; x < 22; ++x) {
      image.pixels[(static_cast<std::size_t>(y) * kSide + x) * 3] = 255;
    }
  }
  const auto start = BeginInpainting(image, Square(8, 24), {.blur = 0, .fills = true},
                                     ResizeMode::kStretch, kSide, kSide);
  ASSERT_TRUE(start.has_value());
  EXPECT_NEAR(At(start->picture, 16, 16), 100, 3);
  EXPECT_THAT(start->mask.pixels, Each(::testing::AnyOf(0, 255)));
}

}  // namespace
}  // namespace darkroom::picture
