#include "worker/engine/finished_image.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "infotext/infotext.h"
#include "infotext/png_text.h"
#include "naming/sampler_names.h"

namespace darkroom::worker {
namespace {

using diffusion::ImageRequest;
using infotext::ImageParameters;
using ::testing::HasSubstr;
using ::testing::Not;

ImageRequest Request() {
  ImageRequest request;
  request.prompt = "a red apple";
  request.width = 8;
  request.height = 8;
  request.sampler = "Euler";
  request.schedule = "Automatic";
  request.seed = 10;
  return request;
}

FinishedImage FinishOrder(const WorkOrder& order, int index = 0) {
  const RgbImage picture{
      .width = 8, .height = 8, .pixels = std::vector<std::uint8_t>(std::size_t{3} * 8 * 8)};
  return FinishImage(picture, order, index, "demo", "0123456789").value();
}

FinishedImage Finish(const ImageRequest& request, int index = 0) {
  return FinishOrder({.request = request}, index);
}

// What its reader learns.
ImageParameters Read(const ImageRequest& request, int index = 0) {
  return infotext::ParseInfotext(Finish(request, index).record.infotext());
}

TEST(FinishedImage, APlainRequestNamesNothingThatIsTheDefault) {
  EXPECT_THAT(Finish(Request()).record.infotext(),
              HasSubstr("a red apple\nSteps: 20, Sampler: Euler, Schedule type: Automatic, CFG "
                        "scale: 7, Seed: 10, Size: 8x8, Model hash: 0123456789, Model: demo, RNG: "
                        "NV, Version: darkroom v"));
}

TEST(FinishedImage, ImageIHasTheSeedThatItWasMadeWith) {
  ImageRequest request = Request();
  EXPECT_EQ(Read(request, 2).seed, 12);
  EXPECT_EQ(Finish(request, 2).record.seed(), 12);
  request.variation = {.seed = 70, .strength = 0.2};
  EXPECT_EQ(Read(request, 2).seed, 10);
  EXPECT_EQ(Read(request, 2).variation_seed, 72);
  EXPECT_EQ(Read(request, 2).variation_strength, 0.2);
  EXPECT_EQ(Finish(request, 2).record.seed(), 10);
}

TEST(FinishedImage, AutomaticIsTheScheduleThatWasUsed) {
  ImageRequest request = Request();
  request.sampler = "DPM++ 2M";
  EXPECT_EQ(Read(request).schedule, "Karras");
  request.schedule = "Beta";
  EXPECT_EQ(Read(request).schedule, "Beta");
  EXPECT_EQ(Read(request).beta_schedule_alpha, 0.6);
  EXPECT_EQ(Read(Request()).schedule, "Automatic");
}

// Every option away from its default; which of them a sampler's pictures name.
ImageRequest WithEverything(absl::string_view sampler, absl::string_view schedule) {
  ImageRequest request = Request();
  request.sampler = std::string(sampler);
  request.schedule = std::string(schedule);
  request.prompt = "a (red:1.2) apple";
  request.emphasis = prompt::Emphasis::kNoNorm;
  request.seed_resize_from = {.width = 64, .height = 32};
  request.eta_seed_delta = 31337;
  request.sampler_settings = {
      .eta = 0.5, .s_churn = 2, .s_tmin = 0.1, .s_tmax = 9, .s_noise = 1.01};
  request.schedule_settings = {.sigma_min = 0.2,
                               .sigma_max = 11,
                               .rho = 5,
                               .beta_alpha = 0.5,
                               .beta_beta = 0.7,
                               .discard_next_to_last_sigma = true};
  request.guidance_settings = {
      .rescale = 0.7, .min_negative_sigma = 3, .skip_negative_at_every_call = true};
  return request;
}

TEST(FinishedImage, WhatEverySamplerHeedsIsAlwaysNamed) {
  for (const naming::SamplerName& sampler : naming::Samplers()) {
    const ImageParameters read = Read(WithEverything(sampler.name, "Karras"));
    EXPECT_EQ(read.sampler, sampler.name);
    EXPECT_EQ(read.schedule, "Karras");
    EXPECT_EQ(read.seed_resize_from, (infotext::Size{64, 32}));
    EXPECT_EQ(read.emphasis, "No norm");
    EXPECT_EQ(read.guidance_rescale, 0.7);
    EXPECT_EQ(read.min_uncond_sigma, 3);
    EXPECT_TRUE(read.skip_uncond_at_every_call);
    EXPECT_TRUE(read.discard_penultimate_sigma);
    EXPECT_EQ(read.sigma_churn.has_value(), sampler.takes_churn) << sampler.name;
    EXPECT_EQ(read.sigma_tmin.has_value(), sampler.takes_churn) << sampler.name;
    EXPECT_EQ(read.sigma_tmax.has_value(), sampler.takes_churn) << sampler.name;
    EXPECT_EQ(read.sigma_noise.has_value(), sampler.takes_step_noise) << sampler.name;
    EXPECT_EQ(read.eta_seed_delta.has_value(), sampler.uses_ensd) << sampler.name;
    EXPECT_EQ(read.schedule_sigma_min.has_value(), !sampler.over_timesteps) << sampler.name;
    EXPECT_EQ(read.schedule_rho.has_value(), !sampler.over_timesteps) << sampler.name;
  }
}

TEST(FinishedImage, EtaHasTwoNamesAndTwoDefaults) {
  EXPECT_EQ(Read(WithEverything("Euler a", "Karras")).eta, 0.5);
  EXPECT_EQ(Read(WithEverything("DDIM", "Karras")).eta_ddim, 0.5);
  EXPECT_EQ(Read(WithEverything("DDIM", "Karras")).eta, std::nullopt);
  EXPECT_EQ(Read(WithEverything("Euler", "Karras")).eta, std::nullopt);
  ImageRequest request = WithEverything("Euler a", "Karras");
  request.sampler_settings.eta = 1;
  EXPECT_EQ(Read(request).eta, std::nullopt);
  request.sampler_settings.eta = 0;  // no noise, so no seed of it
  EXPECT_EQ(Read(request).eta, 0);
  EXPECT_EQ(Read(request).eta_seed_delta, std::nullopt);
  request = WithEverything("DDIM", "Karras");
  request.sampler_settings.eta = 0;
  EXPECT_EQ(Read(request).eta_ddim, std::nullopt);
}

TEST(FinishedImage, AScheduleNamesWhatItHeeds) {
  const ImageParameters beta = Read(WithEverything("Euler", "Beta"));
  EXPECT_EQ(beta.beta_schedule_alpha, 0.5);
  EXPECT_EQ(beta.beta_schedule_beta, 0.7);
  EXPECT_EQ(beta.schedule_rho, std::nullopt);
  EXPECT_EQ(beta.schedule_sigma_max, 11);
  const ImageParameters automatic = Read(WithEverything("Euler", "Automatic"));
  EXPECT_EQ(automatic.schedule_sigma_min, std::nullopt);
  EXPECT_EQ(Read(WithEverything("DPM++ 2M", "Automatic")).schedule_rho, 5);
}

TEST(FinishedImage, EmphasisIsNamedWhereTextsDependOnIt) {
  ImageRequest request = Request();
  request.emphasis = prompt::Emphasis::kNone;
  EXPECT_THAT(Finish(request).record.infotext(), Not(HasSubstr("Emphasis")));
  request.negative_prompt = "blurry BREAK ugly";
  EXPECT_EQ(Read(request).emphasis, "None");
}

// A job with a mask, and the words of its pictures that are about it.
WorkOrder MaskedOrder(const picture::MaskOptions& options, diffusion::MaskedLatent begins_with) {
  WorkOrder order{.request = Request()};
  order.request.init = {.strength = 0.6, .mask = diffusion::InitMask{.begins_with = begins_with}};
  order.input = InputOrder{.id = "a", .mask = MaskOrder{.id = "b", .options = options}};
  return order;
}

TEST(FinishedImage, AMaskIsNamedAsTheWebuiDoes) {
  constexpr auto kPicture = diffusion::MaskedLatent::kPicture;
  EXPECT_THAT(FinishOrder(MaskedOrder({}, kPicture)).record.infotext(),
              HasSubstr("Denoising strength: 0.6, RNG: NV, Mask blur: 4, Version: "));
  EXPECT_THAT(
      FinishOrder(
          MaskedOrder({.blur = 2, .inverted = true, .fills = true, .padding = 32}, kPicture))
          .record.infotext(),
      HasSubstr("RNG: NV, Mask mode: Inpaint not masked, Mask blur: 2, Inpaint area: Only masked, "
                "Masked area padding: 32, Masked content: fill, Version: "));
  EXPECT_THAT(FinishOrder(MaskedOrder({.blur = 0, .fills = true}, diffusion::MaskedLatent::kNoise))
                  .record.infotext(),
              HasSubstr("RNG: NV, Masked content: latent noise, Version: "));
  EXPECT_THAT(FinishOrder(MaskedOrder({.blur = 0, .fills = true}, diffusion::MaskedLatent::kZero))
                  .record.infotext(),
              HasSubstr("RNG: NV, Masked content: latent nothing, Version: "));
}

TEST(FinishedImage, SoftInpaintingIsNamedWithItsOptions) {
  WorkOrder order = MaskedOrder({}, diffusion::MaskedLatent::kPicture);
  order.request.init->mask->soft = {.difference_threshold = 0.25};
  EXPECT_THAT(
      FinishOrder(order).record.infotext(),
      HasSubstr("Mask blur: 4, Soft inpainting enabled: True, Soft inpainting schedule bias: 1, "
                "Soft inpainting preservation strength: 0.5, Soft inpainting transition contrast "
                "boost: 4, Soft inpainting mask influence: 0, Soft inpainting difference "
                "threshold: 0.25, Soft inpainting difference contrast: 2, Version: "));
}

TEST(FinishedImage, MarginsAreNamed) {
  WorkOrder order = MaskedOrder({.blur = 8, .fills = true}, diffusion::MaskedLatent::kPicture);
  order.input->margins = {.left = 64, .bottom = 8};
  EXPECT_THAT(FinishOrder(order).record.infotext(),
              HasSubstr("Mask blur: 8, Masked content: fill, Outpaint margins: 64 0 0 8, Version"));
}

TEST(FinishedImage, TheSizeIsTheOneAtWhichItWasMade) {
  WorkOrder order{.request = Request()};
  order.request.width = 64;
  order.request.height = 32;
  const FinishedImage image = FinishOrder(order);
  EXPECT_THAT(image.record.infotext(), HasSubstr("Size: 64x32"));
  EXPECT_EQ(image.record.width(), 8);
}

TEST(FinishedImage, HowAPictureWasEnlargedStandsBehindWhatItSaid) {
  WorkOrder order;
  order.request.upscale = {.upscaler = "R-ESRGAN 4x+", .scale = 2.5};
  EXPECT_EQ(FinishOrder(order).record.infotext(),
            "Postprocess upscale by: 2.5, Postprocess upscaler: R-ESRGAN 4x+");
  order.input_infotext = "a cat\nSteps: 5, Sampler: Euler, Seed: 1";
  order.request.upscale->cover = {.width = 64, .height = 48};
  order.request.upscale->crop = true;
  order.request.upscale->second_upscaler = "Nearest";
  const FinishedImage image = FinishOrder(order);
  EXPECT_EQ(image.record.infotext(),
            "a cat\nSteps: 5, Sampler: Euler, Seed: 1, Postprocess upscale to: 64x48, Postprocess "
            "crop to: 8x8, Postprocess upscaler: R-ESRGAN 4x+, Postprocess upscaler 2: Nearest");
  EXPECT_EQ(infotext::ReadPngParameters(image.png).value(), image.record.infotext());
}

TEST(FinishedImage, TilingIsNamedWhereItIsDone) {
  ImageRequest request = Request();
  EXPECT_THAT(Finish(request).record.infotext(), Not(HasSubstr("Tiling")));
  request.tiling = true;
  EXPECT_THAT(Finish(request).record.infotext(), HasSubstr("RNG: NV, Tiling: True, Version: "));
}

TEST(FinishedImage, GuidanceByThePictureIsNamed) {
  WorkOrder order{.request = Request()};
  order.request.init = {.strength = 1, .guidance_scale = 1.5};
  EXPECT_THAT(FinishOrder(order).record.infotext(),
              HasSubstr("CFG scale: 7, Image CFG scale: 1.5, Seed: 10"));
}

}  // namespace
}  // namespace darkroom::worker
