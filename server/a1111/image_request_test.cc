#include "server/a1111/image_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "server/http/json.h"
#include "server/testing/demo_model.h"

namespace darkroom::server::a1111 {
namespace {

namespace v1 = darkroom::v1;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Models TwoModels() {
  v1::Model demo = DemoModel();
  demo.set_hash("0123456789");
  v1::Model other = DemoModel();
  other.set_name("models/other");
  other.set_display_name("The Other");
  return {{"demo", demo}, {"other", other}};
}

google::protobuf::Struct Json(const std::string& json) {
  google::protobuf::Struct object;
  EXPECT_TRUE(http::FromJson(json, object).ok()) << json;
  return object;
}

ImageRequest Read(const std::string& json, Kind kind = Kind::kTextToImage,
                  const std::string& settings = "{}") {
  return ReadImageRequest(kind, Json(json), Json(settings), TwoModels());
}

v1::ImageParameters Parameters(const std::string& json, Kind kind = Kind::kTextToImage,
                               const std::string& settings = "{}") {
  const ImageRequest request = Read(json, kind, settings);
  EXPECT_THAT(request.violations, IsEmpty()) << json;
  return request.parameters;
}

TEST(ImageRequestTest, WhatIsNotSaidOrNullIsUnset) {
  EXPECT_EQ(Parameters("{}").ByteSizeLong(), 0u);
  EXPECT_EQ(Parameters(R"({"steps": null, "sampler_name": null, "seed": null, "styles": null,
                           "denoising_strength": null, "override_settings": null})")
                .ByteSizeLong(),
            0u);
}

TEST(ImageRequestTest, TakesTheFieldsThatAllPicturesHave) {
  const auto p = Parameters(R"({"prompt": "a", "negative_prompt": "b", "styles": ["s", "t"],
      "steps": 22, "cfg_scale": 4.5, "width": 515, "height": 128, "seed": 4294967295,
      "n_iter": 2, "batch_size": 3, "tiling": true, "sampler_name": "DPM++ 2M",
      "scheduler": "karras", "eta": 0.5, "s_churn": 1, "subseed": 5, "subseed_strength": 0.1,
      "seed_resize_from_w": 64, "seed_resize_from_h": 72})");
  EXPECT_EQ(p.prompt(), "a");
  EXPECT_EQ(p.negative_prompt(), "b");
  EXPECT_THAT(p.styles(), ElementsAre("s", "t"));
  EXPECT_EQ(p.steps(), 22);
  EXPECT_EQ(p.guidance_scale(), 4.5);
  EXPECT_EQ(p.width(), 512);
  EXPECT_EQ(p.height(), 128);
  EXPECT_EQ(p.seed(), 4294967295);
  EXPECT_EQ(p.image_count(), 6);
  EXPECT_TRUE(p.tiling());
  EXPECT_EQ(p.sampler(), "DPM++ 2M");
  EXPECT_EQ(p.schedule(), "karras");
  EXPECT_EQ(p.sampler_options().eta(), 0.5);
  EXPECT_EQ(p.variation().seed(), 5);
  EXPECT_EQ(p.seed_resize_from().height(), 72);
  EXPECT_FALSE(p.has_hires_fix());
}

TEST(ImageRequestTest, TheOlderNameOfTheSamplerCountsWithoutTheNewer) {
  EXPECT_EQ(Parameters(R"({"sampler_index": "Euler a"})").sampler(), "Euler a");
  EXPECT_EQ(Parameters(R"({"sampler_index": "DDIM", "sampler_name": "Euler"})").sampler(), "Euler");
}

TEST(ImageRequestTest, AHiresFixIsReadOnlyWhenItIsEnabled) {
  EXPECT_FALSE(Parameters(R"({"enable_hr": false, "hr_scale": 2})").has_hires_fix());
  const auto by_scale = Parameters(R"({"enable_hr": true, "hr_scale": 1.5, "hr_resize_x": 0,
      "hr_resize_y": 0, "hr_upscaler": "Latent", "denoising_strength": 0.6,
      "hr_second_pass_steps": 7, "hr_sampler_name": "Use same sampler",
      "hr_scheduler": null, "hr_prompt": "p"})")
                            .hires_fix();
  EXPECT_EQ(by_scale.scale(), 1.5);
  EXPECT_EQ(by_scale.upscaler(), "Latent");
  EXPECT_EQ(by_scale.strength(), 0.6);
  EXPECT_EQ(by_scale.steps(), 7);
  EXPECT_EQ(by_scale.sampler(), "");
  EXPECT_EQ(by_scale.prompt(), "p");
  const auto by_size =
      Parameters(R"({"enable_hr": true, "hr_scale": 2, "hr_resize_x": 256})").hires_fix();
  EXPECT_FALSE(by_size.has_scale());
  EXPECT_EQ(by_size.width(), 256);
}

TEST(ImageRequestTest, APictureToBeginWithHasTheirDefaultsOfItsMask) {
  const auto image = Parameters(R"({"init_images": ["data:image/png;base64,UE5H"],
      "mask": "TUFTSw==", "denoising_strength": null, "resize_mode": 1})",
                                Kind::kImageToImage)
                         .init_image();
  EXPECT_EQ(image.content(), "PNG");
  EXPECT_FALSE(image.has_strength());
  EXPECT_EQ(image.resize_mode(), v1::RESIZE_MODE_CROP);
  EXPECT_EQ(image.mask().content(), "MASK");
  EXPECT_EQ(image.mask().fill(), v1::MASK_FILL_SURROUNDINGS);
  EXPECT_TRUE(image.mask().only_masked());
  EXPECT_EQ(image.mask().padding(), 0);
}

TEST(ImageRequestTest, TheMaskIsAsItIsSaid) {
  const auto mask = Parameters(R"({"init_images": "UE5H", "mask": "TUFTSw==", "mask_blur": 9,
      "inpainting_fill": 2, "inpaint_full_res": 0, "inpaint_full_res_padding": 16,
      "inpainting_mask_invert": 1})",
                               Kind::kImageToImage)
                        .init_image()
                        .mask();
  EXPECT_EQ(mask.blur(), 9);
  EXPECT_EQ(mask.fill(), v1::MASK_FILL_LATENT_NOISE);
  EXPECT_FALSE(mask.only_masked());
  EXPECT_FALSE(mask.has_padding());
  EXPECT_TRUE(mask.inverted());
}

TEST(ImageRequestTest, OfSeveralPicturesTheFirstIsUsedAndItSaysSo) {
  const ImageRequest request =
      Read(R"({"init_images": ["UE5H", "T1RIRVI="]})", Kind::kImageToImage);
  EXPECT_EQ(request.parameters.init_image().content(), "PNG");
  EXPECT_THAT(request.ignored, ElementsAre(HasSubstr("init_images")));
}

TEST(ImageRequestTest, Img2imgWithoutAPictureIsNamed) {
  for (const char* json : {"{}", R"({"init_images": []})", R"({"init_images": [""]})"}) {
    const ImageRequest request = Read(json, Kind::kImageToImage);
    ASSERT_EQ(request.violations.size(), 1u) << json;
    EXPECT_EQ(request.violations[0].field, "init_images");
  }
}

TEST(ImageRequestTest, OverridesGoBeforeTheCallersSettings) {
  const std::string settings = R"({"sd_model_checkpoint": "demo [0123456789]",
      "CLIP_stop_at_last_layers": 2, "randn_source": "CPU"})";
  const auto as_set = Parameters("{}", Kind::kTextToImage, settings);
  EXPECT_EQ(as_set.model(), "demo");
  EXPECT_EQ(as_set.clip_skip(), 2);
  EXPECT_EQ(as_set.noise_source(), v1::NOISE_SOURCE_MT19937);
  const auto overridden = Parameters(
      R"({"override_settings": {"sd_model_checkpoint": "other", "CLIP_stop_at_last_layers": 3}})",
      Kind::kTextToImage, settings);
  EXPECT_EQ(overridden.model(), "other");
  EXPECT_EQ(overridden.clip_skip(), 3);
}

TEST(ImageRequestTest, WhatIsNotDoneIsSaid) {
  EXPECT_THAT(Read(R"({"restore_faces": true, "script_name": "X/Y/Z plot",
      "alwayson_scripts": {"ControlNet": {"args": []}},
      "override_settings": {"sd_vae": "my.vae"}})")
                  .ignored,
              ElementsAre(HasSubstr("sd_vae"), HasSubstr("restore_faces"), HasSubstr("script_name"),
                          HasSubstr("alwayson_scripts")));
  EXPECT_THAT(Read(R"({"restore_faces": false, "script_name": "", "alwayson_scripts": {},
      "override_settings": {"sd_vae": "Automatic"}, "unheard_of": [1, 2]})")
                  .ignored,
              IsEmpty());
}

TEST(ImageRequestTest, ACountThatCannotBeIsNamed) {
  for (const char* json : {R"({"n_iter": 0})", R"({"batch_size": -1})",
                           R"({"n_iter": 2147483647, "batch_size": 9})"}) {
    ASSERT_EQ(Read(json).violations.size(), 1u) << json;
    EXPECT_EQ(Read(json).violations[0].field, "n_iter");
  }
}

TEST(MeantModelTest, KnowsAModelByAllThatClientsCallIt) {
  const Models models = TwoModels();
  for (const char* text : {"demo", "Demo", "models/demo", "demo [0123456789]", "0123456789",
                           "demo.safetensors", "demo.ckpt [ffffffffff]"}) {
    EXPECT_EQ(MeantModel(text, models), "demo") << text;
  }
  EXPECT_EQ(MeantModel("the other", models), "other");
  EXPECT_EQ(MeantModel("unheard-of", models), "unheard-of");
}

}  // namespace
}  // namespace darkroom::server::a1111
