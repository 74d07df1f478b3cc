#include "infotext/infotext.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace darkroom::infotext {
namespace {

using ::testing::ElementsAre;

ImageParameters Castle() {
  return {.prompt = "a castle, (night:1.2)",
          .negative_prompt = "blurry",
          .steps = 20,
          .sampler = "DPM++ 2M",
          .schedule = "Karras",
          .guidance_scale = 7,
          .seed = 4294967295,
          .size = Size{128, 64},
          .model_hash = "0123456789",
          .model = "demo",
          .clip_skip = 2,
          .noise_source = "NV",
          .version = "darkroom v0.1.0"};
}

TEST(Infotext, HasPromptNegativePromptAndOneLineOfPairs) {
  EXPECT_EQ(FormatInfotext(Castle()),
            "a castle, (night:1.2)\n"
            "Negative prompt: blurry\n"
            "Steps: 20, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 7, Seed: 4294967295, "
            "Size: 128x64, Model hash: 0123456789, Model: demo, Clip skip: 2, RNG: NV, "
            "Version: darkroom v0.1.0");
}

TEST(Infotext, LeavesOutWhatHasTheDefault) {
  ImageParameters parameters = Castle();
  parameters.negative_prompt.clear();
  parameters.schedule = "Automatic";
  parameters.clip_skip = 1;
  parameters.guidance_scale = 7.5;
  parameters.noise_source = "GPU";
  EXPECT_EQ(FormatInfotext(parameters),
            "a castle, (night:1.2)\n"
            "Steps: 20, Sampler: DPM++ 2M, Schedule type: Automatic, CFG scale: 7.5, Seed: "
            "4294967295, Size: 128x64, Model hash: 0123456789, Model: demo, "
            "Version: darkroom v0.1.0");
}

TEST(Infotext, WithoutAPromptBeginsWithThePairs) {
  ImageParameters parameters = Castle();
  parameters.prompt.clear();
  parameters.negative_prompt.clear();
  EXPECT_EQ(FormatInfotext(parameters).rfind("Steps: 20, ", 0), 0u);
  EXPECT_EQ(ParseInfotext(FormatInfotext(parameters)), parameters);
}

TEST(Infotext, EveryParameterIsReadBack) {
  ImageParameters parameters = Castle();
  parameters.vae_hash = "cc6cb27103";
  parameters.vae = "a, strange: \"vae\"";
  parameters.variation_seed = 3;
  parameters.variation_strength = 0.25;
  parameters.seed_resize_from = Size{512, 768};
  parameters.denoising_strength = 0.7;
  parameters.eta_seed_delta = 31337;
  parameters.tiling = true;
  parameters.mask_mode = "Inpaint not masked";
  parameters.mask_blur = 8;
  parameters.inpaint_area = "Only masked";
  parameters.masked_padding = 48;
  parameters.masked_content = "latent noise";
  parameters.outpaint_margins = "64 0 64 8";
  parameters.soft_inpainting = true;
  parameters.soft_schedule_bias = 1;
  parameters.soft_preservation_strength = 0.5;
  parameters.soft_contrast_boost = 4;
  parameters.soft_mask_influence = 0;
  parameters.soft_difference_threshold = 0.25;
  parameters.soft_difference_contrast = 2;
  parameters.picture_guidance_scale = 1.5;
  parameters.emphasis = "No norm";
  parameters.noise_schedule = "Zero Terminal SNR";
  parameters.discard_penultimate_sigma = true;
  parameters.schedule_sigma_min = 0.03;
  parameters.schedule_sigma_max = 14.6;
  parameters.schedule_rho = 5;
  parameters.beta_schedule_alpha = 0.6;
  parameters.beta_schedule_beta = 1e-7;
  parameters.eta = 0.5;
  parameters.eta_ddim = 0.1;
  parameters.sigma_churn = 1;
  parameters.sigma_tmin = 2;
  parameters.sigma_tmax = 3;
  parameters.sigma_noise = 1.007;
  parameters.hires_upscale = 1.5;
  parameters.hires_resize = Size{1024, 0};
  parameters.hires_steps = 12;
  parameters.hires_upscaler = "Latent (bicubic antialiased)";
  parameters.hires_sampler = "Euler a";
  parameters.hires_schedule = "Karras";
  parameters.hires_prompt = "a \"fox\", quick";
  parameters.hires_negative_prompt = "blur, noise";
  parameters.hires_guidance_scale = 4.5;
  parameters.min_uncond_sigma = 1.5;
  parameters.skip_uncond_at_every_call = true;
  parameters.others = {{"Lora hashes", "a: 1, b: 2"}, {"Hires checkpoint", "x"}};
  const std::string text = FormatInfotext(parameters);
  EXPECT_EQ(ParseInfotext(text), parameters);
  EXPECT_EQ(FormatInfotext(ParseInfotext(text)), text);
}

TEST(Infotext, WhatIsMissingHasTheDefaults) {
  const ImageParameters parameters =
      ParseInfotext("a cat\nSteps: 20, Sampler: DPM++ 2M Karras, CFG scale: 7.0, Seed: 5");
  EXPECT_EQ(parameters.sampler, "DPM++ 2M Karras");
  EXPECT_EQ(parameters.schedule, "Automatic");
  EXPECT_EQ(parameters.guidance_scale, 7);
  EXPECT_EQ(parameters.noise_source, "GPU");
  EXPECT_EQ(parameters.clip_skip, 1);
  EXPECT_EQ(parameters.size, std::nullopt);
  EXPECT_EQ(parameters.model, "");
}

TEST(Infotext, ValuesThatCannotBeUnderstoodAreKeptAsTheyAre) {
  const ImageParameters parameters = ParseInfotext(
      "Steps: many, CFG scale: nan, Seed: 99999999999999999999, Size: 512, Clip skip: 2.5, "
      "Tiling: yes, Model: m");
  EXPECT_EQ(parameters.steps, std::nullopt);
  EXPECT_EQ(parameters.guidance_scale, std::nullopt);
  EXPECT_EQ(parameters.clip_skip, 1);
  EXPECT_EQ(parameters.model, "m");
  EXPECT_THAT(parameters.others,
              ElementsAre(Pair{"Steps", "many"}, Pair{"CFG scale", "nan"},
                          Pair{"Seed", "99999999999999999999"}, Pair{"Size", "512"},
                          Pair{"Clip skip", "2.5"}, Pair{"Tiling", "yes"}));
}

TEST(Infotext, PairsThatCouldNotBeReadBackAreNotWritten) {
  ImageParameters parameters = Castle();
  parameters.others = {{"x", "1"}, {"a, Steps", "2"}, {"", "3"}, {"fine", "4"}};
  EXPECT_THAT(ParseInfotext(FormatInfotext(parameters)).others, ElementsAre(Pair{"fine", "4"}));
}

TEST(Infotext, PlainTextIsAPrompt) {
  EXPECT_EQ(ParseInfotext("a cat: large, a dog: small"),
            ImageParameters{.prompt = "a cat: large, a dog: small"});
  EXPECT_EQ(ParseInfotext(""), ImageParameters{});
}

TEST(InfotextTest, PairsAreAppendedToThoseThatAreThere) {
  const std::vector<Pair> pairs = {{"Postprocess upscale by", "2"},
                                   {"Postprocess upscaler", "R-ESRGAN 4x+, mine"}};
  const std::string line =
      "Postprocess upscale by: 2, Postprocess upscaler: \"R-ESRGAN 4x+, mine\"";
  EXPECT_EQ(AppendPairs("", pairs), line);
  EXPECT_EQ(AppendPairs("a cat\n", pairs), "a cat\n" + line);
  const std::string own = "a cat\nSteps: 5, Sampler: Euler, Seed: 1";
  const std::string both = AppendPairs(own, pairs);
  EXPECT_EQ(both, own + ", " + line);
  EXPECT_EQ(ParseInfotext(both).steps, 5);
  EXPECT_EQ(ParseInfotext(both).others, pairs);
}

}  // namespace
}  // namespace darkroom::infotext
