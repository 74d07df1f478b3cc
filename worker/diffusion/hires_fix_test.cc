// Pictures that are made again, larger.

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "naming/hires_pass.h"
#include "picture/upscale.h"
#include "worker/diffusion/adapters/test_file.h"
#include "worker/diffusion/demo_backend.h"

namespace darkroom::diffusion {
namespace {

class HiresFixTest : public DemoBackendTest {
 protected:
  static ImageRequest Hires(const ImageRequest& first, double scale, std::string upscaler) {
    const naming::HiresSize size = naming::ScaledBy(first.width, first.height, scale);
    ImageRequest request = first;
    request.hires = {.upscaler = std::move(upscaler),
                     .scaled = {.width = size.scaled_width, .height = size.scaled_height},
                     .size = {.width = size.width, .height = size.height},
                     .strength = 0.6,
                     .steps = 5,
                     .sampler = first.sampler,
                     .schedule = first.schedule,
                     .prompt = first.prompt,
                     .negative_prompt = first.negative_prompt,
                     .guidance_scale = first.guidance_scale};
    return request;
  }
};

TEST_F(HiresFixTest, OfAPictureIsImg2imgOfThePictureUpscaled) {
  ImageRequest first = Request("a red apple on a blue background", 11);
  const RgbImage picture = Paint(first);
  for (const bool nearest : {false, true}) {
    const ImageRequest hires = Hires(first, 1.5, nearest ? "Nearest" : "Lanczos");
    ImageRequest again = first;
    again.width = 96;
    again.height = 96;
    again.steps = 8;  // of which a strength of 0.6 leaves five
    again.init = {
        .picture = picture::Upscale(
            picture, nearest ? picture::Upscaler::kNearest : picture::Upscaler::kLanczos, 96, 96),
        .strength = 0.6};
    const RgbImage made = Paint(hires);
    EXPECT_EQ(made.width, 96);
    EXPECT_EQ(LargestDifference(made, Paint(again)), 0);
  }
}

// Makes pictures of pixels that are twice as wide and high.
void AddPixelDoubler(TestFile& file) {
  file.Add("body.0.weight", {1, 3, 3, 3}, 0);
  file.Add("body.0.bias", {1}, 0);
  file.Add("body.1.weight", {1}, 0);
  file.Add("body.2.weight", {12, 1, 3, 3}, 0);
  file.Add("body.2.bias", {12}, 0);
  file.Open();
}

TEST_F(HiresFixTest, ANetworkEnlargesThePictureInPiecesOfATile) {
  TestFile file("doubler.safetensors");
  AddPixelDoubler(file);
  backend_->SetAdapters({.upscalers = {{.name = "doubler", .path = file.path()}}});
  const ImageRequest request = Hires(Request("a red apple", 3), 2, "doubler");
  const std::unique_ptr<Generation> generation = Start(request);
  EXPECT_EQ(generation->scaling_left(0), 0);
  for (int i = 0; i < 4; ++i) {
    ASSERT_THAT(backend_->Step({{generation.get(), 0}}).value(), ::testing::Each(absl::OkStatus()));
  }
  const std::int64_t left = generation->scaling_left(0);
  EXPECT_GT(left, 0);
  EXPECT_FALSE(generation->done(0));
  EXPECT_TRUE(absl::IsFailedPrecondition(backend_->Step({{generation.get(), 0}}).status()));
  EXPECT_EQ(backend_->Scale(*generation, 0).value(), left) << "one tile, one run";
  EXPECT_EQ(generation->scaling_left(0), 0);
  EXPECT_EQ(generation->batch_key(0).latent_width, 16);
  Finish({generation.get()});
  // What Nearest makes.
  const std::unique_ptr<Generation> nearest = Start(Hires(Request("a red apple", 3), 2, "Nearest"));
  Finish({nearest.get()});
  EXPECT_EQ(backend_->Decode(*generation, 0).value(), backend_->Decode(*nearest, 0).value());
}

TEST_F(HiresFixTest, AnUpscalerThatCannotBeUsedIsNamedBeforeTheFirstPass) {
  TestFile file("broken.safetensors");
  AddPixelDoubler(file);
  file.Add("body.3.weight", {1});
  file.Open();
  backend_->SetAdapters({.upscalers = {{.name = "broken", .path = file.path()}}});
  const absl::Status broken =
      backend_->Start(Hires(Request("a red apple", 3), 2, "broken")).status();
  EXPECT_TRUE(absl::IsInvalidArgument(broken)) << broken;
  EXPECT_THAT(broken.message(), ::testing::HasSubstr("hires_fix.upscaler is 'broken'"));
  EXPECT_THAT(broken.message(), ::testing::HasSubstr("body.3.weight"));
  EXPECT_THAT(broken.message(), ::testing::Not(::testing::HasSubstr("/"))) << "paths are private";
}

TEST_F(HiresFixTest, EverySamplerMakesTheStepsOfBothPassesForEachOfItsSeeds) {
  const auto generations = StartEverySampler([](const std::string& sampler) {
    ImageRequest request = Request("a green tree", 5);
    request.width = 32;
    request.height = 32;
    request.image_count = 2;
    request = Hires(request, 1.25, "Latent (nearest-exact)");
    request.hires->sampler = sampler;
    request.hires->schedule = "Automatic";
    return request;
  });
  for (const auto& generation : generations) {
    EXPECT_EQ(generation->steps(), 4 + 5);
    EXPECT_EQ(generation->batch_key(0).latent_width, 4);
  }
  FinishAll(generations);
  for (std::size_t i = 0; i < generations.size(); ++i) {
    const std::string& sampler = backend_->info().samplers[i];
    Generation& generation = *generations[i];
    EXPECT_EQ(generation.batch_key(0).latent_width, 5) << sampler;
    EXPECT_EQ(generation.steps_done(1), 4 + 5) << sampler;
    EXPECT_NE(backend_->Decode(generation, 0).value(), backend_->Decode(generation, 1).value())
        << sampler;
  }
}

TEST_F(HiresFixTest, BesideOthersOfEitherSizeItIsThePictureThatItIsAlone) {
  const ImageRequest hires = Hires(Request("a red apple", 3), 1.5, "Latent");
  const RgbImage alone = Paint(hires);
  ImageRequest larger = Request("a house", 4);
  larger.width = 96;
  larger.height = 96;
  larger.steps = 12;
  const std::unique_ptr<Generation> among = Start(hires);
  const std::unique_ptr<Generation> small = Start(Request("a green tree", 5));
  const std::unique_ptr<Generation> large = Start(larger);
  Finish({among.get(), small.get(), large.get()});
  EXPECT_EQ(LargestDifference(backend_->Decode(*among, 0).value(), alone), 0);
}

TEST_F(HiresFixTest, ItsOwnPromptAndGuidanceAreThoseOfTheSecondPassAlone) {
  const ImageRequest request = Hires(Request("a red apple", 3), 1.5, "Latent");
  ImageRequest other = request;
  other.hires->prompt = "a green tree AND a house";
  other.hires->guidance_scale = 6;
  const std::unique_ptr<Generation> generation = Start(other);
  const std::unique_ptr<Generation> plain = Start(request);
  EXPECT_EQ(generation->rows_per_call(0), 2);
  const auto step = [&] {
    EXPECT_TRUE(backend_->Step({{generation.get(), 0}, {plain.get(), 0}}).ok());
  };
  for (int i = 0; i < 3; ++i) step();
  EXPECT_EQ(backend_->Preview(*generation, 0).value(), backend_->Preview(*plain, 0).value());
  step();
  EXPECT_EQ(generation->rows_per_call(0), 3);
  Finish({generation.get(), plain.get()});
  EXPECT_NE(backend_->Decode(*generation, 0).value(), backend_->Decode(*plain, 0).value());
}

TEST_F(HiresFixTest, EditsGoOnCountingFromTheFirstPass) {
  ImageRequest request = Hires(Request("a [red:green:6] apple", 3), 1.5, "Latent");
  const RgbImage edited = Paint(request);
  request.prompt = "a red apple";
  EXPECT_EQ(Paint(request), edited) << "four steps do not reach the edit";
  request.hires->prompt = "a red apple";
  EXPECT_NE(Paint(request), edited);
}

TEST_F(HiresFixTest, WhatItCannotDoIsNamed) {
  const ImageRequest good = Hires(Request("a red apple", 3), 1.5, "Latent");
  const auto refusal = [](const ImageRequest& request) {
    const absl::Status status = backend_->Start(request).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    return std::string(status.message());
  };
  using ::testing::HasSubstr;
  ImageRequest bad = good;
  bad.hires->upscaler = "Waifu";
  EXPECT_THAT(refusal(bad), HasSubstr("hires_fix.upscaler"));
  bad = good;
  bad.hires->size.width = 100;
  EXPECT_THAT(refusal(bad), HasSubstr("hires_fix.width is 100"));
  bad = good;
  bad.hires->scaled.height = 64;
  EXPECT_THAT(refusal(bad), HasSubstr("hires_fix.height is 64"));
  bad = good;
  bad.hires->strength = 0.01;
  EXPECT_THAT(refusal(bad), HasSubstr("hires_fix.steps / hires_fix.strength is 500"));
  bad = good;
  bad.hires->sampler = "Oiler";
  EXPECT_THAT(refusal(bad), HasSubstr("hires_fix.sampler"));
  bad = good;
  for (int i = 0; i < 200; ++i) bad.hires->prompt += " AND a";
  EXPECT_THAT(refusal(bad), HasSubstr("hires_fix.prompt"));
  bad = good;
  bad.init = {.picture = RgbImage{.width = 64, .height = 64, .pixels = {}}, .strength = 0.5};
  bad.init->picture.pixels.resize(std::size_t{3} * 64 * 64);
  EXPECT_THAT(refusal(bad), HasSubstr("hires_fix cannot be used with init_image"));
}

}  // namespace
}  // namespace darkroom::diffusion
