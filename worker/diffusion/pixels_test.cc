#include "worker/diffusion/pixels.h"

#include "ATen/TensorOperators.h"
#include "ATen/ops/full.h"
#include "ATen/ops/tensor.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace darkroom::diffusion {
namespace {

using ::testing::ElementsAre;

TEST(PixelsTest, BytesAreClampedAndCutNotRounded) {
  // One row of two pixels; -2 and 3 lie outside, 0 is 127.5, 0.5 is 191.25.
  const at::Tensor pixels =
      at::tensor({-1.0, 0.0, 1.0, 0.5, -2.0, 3.0}, at::kFloat).view({1, 3, 1, 2});
  const RgbImage image = ToRgbImage(pixels);
  EXPECT_EQ(image.width, 2);
  EXPECT_EQ(image.height, 1);
  EXPECT_THAT(image.pixels, ElementsAre(0, 255, 0, 127, 191, 255));
}

TEST(PixelsTest, APreviewIsALinearMapOfTheLatent) {
  PreviewConfig config;
  config.latent_rgb_factors[1] = {1, 0, -1};
  config.latent_rgb_bias = {0, 1, 0};
  const RgbImage image = PreviewImage(at::full({1, 4, 2, 3}, 0.5), config);
  EXPECT_EQ(image.width, 12);
  EXPECT_EQ(image.height, 8);
  EXPECT_THAT((std::vector<int>{image.pixels[0], image.pixels[1], image.pixels[2]}),
              ElementsAre(191, 255, 63));
}

TEST(PixelsTest, APreviewStaysWithin256Pixels) {
  EXPECT_EQ(
      PreviewImage(at::full({1, 4, 8, 128}, 0.0), DefaultPreviewConfig(ModelFamily::kSd1)).width,
      256);
  EXPECT_EQ(
      PreviewImage(at::full({1, 4, 8, 200}, 0.0), DefaultPreviewConfig(ModelFamily::kSd1)).width,
      200);
}

}  // namespace
}  // namespace darkroom::diffusion
