#include "worker/diffusion/upscale/picture_upscaling.h"

#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "c10/core/InferenceMode.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "worker/diffusion/adapters/test_file.h"

namespace darkroom::diffusion {
namespace {

using ::testing::HasSubstr;

// A compact network of one channel whose every weight is `value`; 0 makes larger pixels.
void FillCompact(int scale, float value, TestFile& file) {
  const std::int64_t out = 3 * scale * scale;
  file.Add("body.0.weight", {1, 3, 3, 3}, value);
  file.Add("body.0.bias", {1}, value);
  file.Add("body.1.weight", {1}, value);
  file.Add("body.2.weight", {out, 1, 3, 3}, value);
  file.Add("body.2.bias", {out}, value);
}

std::shared_ptr<const UpscalerNetwork> Compact(int scale, float value = 0) {
  TestFile file(absl::StrCat("compact_", scale, ".safetensors"));
  FillCompact(scale, value, file);
  file.Open();
  return UpscalerNetwork::Load(file.path(), at::kCPU).value();
}

RgbImage Grey(int width, int height, std::uint8_t value = 100) {
  return {.width = width,
          .height = height,
          .pixels = std::vector<std::uint8_t>(std::size_t{3} * width * height, value)};
}

class PictureUpscalingTest : public ::testing::Test {
 protected:
  const c10::InferenceMode inference_;
};

TEST_F(PictureUpscalingTest, GoesTileByTileAndTellsWhatIsLeft) {
  auto upscaling = PictureUpscaling::Plan(Compact(2), Grey(300, 192), 600, 384).value();
  const std::int64_t all = upscaling.operations_left();
  EXPECT_EQ(all, 2 * upscaling.next_operations());
  ASSERT_TRUE(upscaling.Advance().ok());
  EXPECT_FALSE(upscaling.done());
  EXPECT_EQ(upscaling.operations_left(), all / 2);
  ASSERT_TRUE(upscaling.Advance().ok());
  EXPECT_TRUE(upscaling.done());
  EXPECT_EQ(upscaling.operations_left(), 0);
  EXPECT_EQ(std::move(upscaling).Take(), Grey(600, 384));
}

TEST_F(PictureUpscalingTest, FurtherRunsAreCountedFromTheBeginning) {
  auto upscaling = PictureUpscaling::Plan(Compact(2), Grey(8, 8), 32, 32).value();
  const std::int64_t first = upscaling.next_operations();
  EXPECT_EQ(upscaling.operations_left(), first + 4 * first);
  ASSERT_TRUE(upscaling.Advance().ok());
  EXPECT_EQ(upscaling.operations_left(), 4 * first);
  ASSERT_TRUE(upscaling.Advance().ok());
  EXPECT_EQ(std::move(upscaling).Take(), Grey(32, 32));
}

TEST_F(PictureUpscalingTest, APictureThatIsLargeEnoughNeedsNoNetwork) {
  auto upscaling = PictureUpscaling::Plan(Compact(2), Grey(64, 64), 32, 48).value();
  EXPECT_TRUE(upscaling.done());
  EXPECT_EQ(std::move(upscaling).Take(), Grey(32, 48));
}

TEST_F(PictureUpscalingTest, WhatWouldTakeTooMuchMemoryOnTheWayIsRefused) {
  const auto network = Compact(8);
  EXPECT_TRUE(PictureUpscaling::Plan(network, Grey(1024, 1024), 2048, 2048).ok());
  EXPECT_THAT(PictureUpscaling::Plan(network, Grey(1025, 1024), 2050, 2048).status().message(),
              HasSubstr("8200 x 8192"));
}

TEST_F(PictureUpscalingTest, ValuesThatAreNotFiniteEndIt) {
  auto upscaling =
      PictureUpscaling::Plan(Compact(2, std::numeric_limits<float>::infinity()), Grey(8, 8), 16, 16)
          .value();
  EXPECT_TRUE(absl::IsInternal(upscaling.Advance()));
}

TEST_F(PictureUpscalingTest, AFileThatDoesNotFitIsRefusedByItsTensor) {
  TestFile file("other.safetensors");
  FillCompact(2, 0, file);
  file.Add("body.3.weight", {1});
  file.Open();
  const absl::Status status = UpscalerNetwork::Load(file.path(), at::kCPU).status();
  EXPECT_THAT(status.message(), HasSubstr("other.safetensors"));
  EXPECT_THAT(status.message(), HasSubstr("body.3.weight"));
}

}  // namespace
}  // namespace darkroom::diffusion
