// Pictures that are only made larger.

#include "worker/diffusion/upscale_generation.h"

#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "worker/diffusion/adapters/test_file.h"
#include "worker/diffusion/demo_backend.h"

namespace darkroom::diffusion {
namespace {

using ::testing::HasSubstr;

// The request for a grey picture, which stays grey.
ImageRequest Enlarging(int width, int height, std::string upscaler) {
  ImageRequest request;
  request.upscale = {
      .picture = {.width = width,
                  .height = height,
                  .pixels = std::vector<std::uint8_t>(std::size_t{3} * width * height, 100)},
      .upscaler = std::move(upscaler)};
  return request;
}

class UpscaleGenerationTest : public DemoBackendTest {
 protected:
  UpscaleGenerationTest() {
    // Makes pixels that are twice as wide and high.
    file_.Add("body.0.weight", {1, 3, 3, 3}, 0);
    file_.Add("body.0.bias", {1}, 0);
    file_.Add("body.1.weight", {1}, 0);
    file_.Add("body.2.weight", {12, 1, 3, 3}, 0);
    file_.Add("body.2.bias", {12}, 0);
    file_.Open();
    backend_->SetAdapters({.upscalers = {{.name = "doubler", .path = file_.path()}}});
  }

  TestFile file_{"upscale_generation.safetensors"};
};

TEST_F(UpscaleGenerationTest, ANetworkGoesTileByTileAndEachIsAStep) {
  const std::unique_ptr<Generation> generation = Start(Enlarging(300, 192, "doubler"));
  EXPECT_EQ(generation->image_count(), 1);
  EXPECT_EQ(generation->steps(), 2);
  EXPECT_FALSE(generation->done(0));
  const std::int64_t all = generation->scaling_left(0);
  EXPECT_EQ(backend_->Scale(*generation, 0).value(), all / 2);
  EXPECT_EQ(generation->steps_done(0), 1);
  EXPECT_TRUE(backend_->Scale(*generation, 0).ok());
  EXPECT_TRUE(generation->done(0));
  const RgbImage made = backend_->Decode(*generation, 0).value();
  EXPECT_EQ(made.width, 600);
  EXPECT_EQ(made.height, 384);
  EXPECT_THAT(made.pixels, ::testing::Each(100));
}

TEST_F(UpscaleGenerationTest, WhatNeedsNoNetworkIsDoneAtOnce) {
  const std::unique_ptr<Generation> generation = Start(Enlarging(30, 20, "Nearest"));
  EXPECT_TRUE(generation->done(0));
  EXPECT_EQ(backend_->Decode(*generation, 0).value().width, 56);
}

TEST_F(UpscaleGenerationTest, TwoUpscalersAreBlended) {
  ImageRequest request = Enlarging(24, 16, "doubler");
  request.upscale->second_upscaler = "doubler";
  request.upscale->second_share = 0.5;
  const std::unique_ptr<Generation> generation = Start(request);
  EXPECT_EQ(generation->steps(), 2);
  EXPECT_TRUE(backend_->Scale(*generation, 0).ok());
  EXPECT_FALSE(generation->done(0));
  EXPECT_TRUE(backend_->Scale(*generation, 0).ok());
  EXPECT_THAT(backend_->Decode(*generation, 0).value().pixels, ::testing::Each(100));
}

TEST_F(UpscaleGenerationTest, WhatItCannotDoIsNamed) {
  const auto refusal = [](const ImageRequest& request) {
    const absl::Status status = backend_->Start(request).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    return std::string(status.message());
  };
  EXPECT_THAT(refusal(Enlarging(8, 8, "Waifu")), HasSubstr("upscale.upscaler is 'Waifu'"));
  ImageRequest bad = Enlarging(8, 8, "Lanczos");
  bad.upscale->second_upscaler = "Waifu";
  bad.upscale->second_share = 0.5;
  EXPECT_THAT(refusal(bad), HasSubstr("upscale.second_upscaler is 'Waifu'"));
  bad.upscale->second_share = 2;
  EXPECT_THAT(refusal(bad), HasSubstr("upscale.second_visibility"));
  bad = Enlarging(8, 8, "Lanczos");
  bad.upscale->scale = 10'000;
  EXPECT_THAT(refusal(bad), HasSubstr("80000 x 80000"));
  bad.upscale->scale = 0.5;
  EXPECT_THAT(refusal(bad), HasSubstr("0 x 0"));
  bad.upscale->picture.pixels.pop_back();
  EXPECT_THAT(refusal(bad), HasSubstr("init_image"));
}

}  // namespace
}  // namespace darkroom::diffusion
