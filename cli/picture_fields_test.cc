#include "cli/picture_fields.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

namespace darkroom::cli {
namespace {

using ::testing::HasSubstr;

// The request that has this field alone, as text.
std::string Set(absl::string_view name, absl::string_view value) {
  const PictureField* field = FindPictureField(name);
  if (field == nullptr) return "no such field";
  darkroom::v1::ImageParameters parameters;
  const absl::Status status = field->set(value, parameters);
  return status.ok() ? parameters.ShortDebugString() : std::string(status.message());
}

TEST(PictureFieldsTest, SetEachItsOwnFieldOfTheRequest) {
  EXPECT_EQ(Set("negative", "blur"), "negative_prompt: \"blur\"");
  EXPECT_EQ(Set("style", "ink"), "styles: \"ink\"");
  EXPECT_EQ(Set("model", "demo"), "model: \"demo\"");
  EXPECT_EQ(Set("width", "64"), "width: 64");
  EXPECT_EQ(Set("height", "72"), "height: 72");
  EXPECT_EQ(Set("steps", "9"), "steps: 9");
  EXPECT_EQ(Set("sampler", "DDIM"), "sampler: \"DDIM\"");
  EXPECT_EQ(Set("schedule", "Karras"), "schedule: \"Karras\"");
  EXPECT_EQ(Set("guidance", "6.5"), "guidance_scale: 6.5");
  EXPECT_EQ(Set("seed", "-1"), "seed: -1");
  EXPECT_EQ(Set("count", "3"), "image_count: 3");
  EXPECT_EQ(Set("tiling", "true"), "tiling: true");
  EXPECT_EQ(Set("init_image", "jobs/ab"), "init_image { name: \"jobs/ab/images/0\" }");
  EXPECT_EQ(Set("init_image", "jobs/ab/images/3"), "init_image { name: \"jobs/ab/images/3\" }");
  EXPECT_EQ(Set("init_image", "inputs/ab"), "init_image { name: \"inputs/ab\" }");
  EXPECT_EQ(Set("init_image", "LICENSE").substr(0, 23), "init_image { content: \"");
  EXPECT_THAT(Set("init_image", "no/such.png"), HasSubstr("no/such.png"));
  EXPECT_EQ(Set("strength", "0.6"), "init_image { strength: 0.6 }");
  EXPECT_EQ(Set("mask", "jobs/ab"), "init_image { mask { name: \"jobs/ab/images/0\" } }");
  EXPECT_EQ(Set("mask", "LICENSE").substr(0, 30), "init_image { mask { content: \"");
  EXPECT_EQ(Set("mask_blur", "8"), "init_image { mask { blur: 8 } }");
  EXPECT_EQ(Set("mask_inverted", "true"), "init_image { mask { inverted: true } }");
  EXPECT_EQ(Set("mask_fill", "noise"), "init_image { mask { fill: MASK_FILL_LATENT_NOISE } }");
  EXPECT_THAT(Set("mask_fill", "red"), HasSubstr("original, fill, noise or nothing"));
  EXPECT_EQ(Set("only_masked", "true"), "init_image { mask { only_masked: true } }");
  EXPECT_EQ(Set("soft_inpainting", "true"), "init_image { mask { soft { } } }");
  EXPECT_EQ(Set("soft_boost", "8"),
            "init_image { mask { soft { transition_contrast_boost: 8 } } }");
  EXPECT_EQ(Set("padding", "16"), "init_image { mask { padding: 16 } }");
  EXPECT_EQ(Set("extend", "64"), "init_image { extend { left: 64 top: 64 right: 64 bottom: 64 } }");
  EXPECT_EQ(Set("extend", "64,0,32,0"), "init_image { extend { left: 64 right: 32 } }");
  EXPECT_THAT(Set("extend", "64,0"), HasSubstr("write 64, or 64,0,64,0"));
  EXPECT_THAT(Set("extend", "far"), HasSubstr("write 64, or 64,0,64,0"));
  EXPECT_EQ(Set("image_guidance", "2"), "init_image { guidance_scale: 2 }");
  EXPECT_EQ(Set("resize", "Crop"), "init_image { resize_mode: RESIZE_MODE_CROP }");
  EXPECT_EQ(Set("hires", "1.5"), "hires_fix { scale: 1.5 }");
  EXPECT_EQ(Set("hires_width", "768"), "hires_fix { width: 768 }");
  EXPECT_EQ(Set("hires_height", "768"), "hires_fix { height: 768 }");
  EXPECT_EQ(Set("hires_upscaler", "Lanczos"), "hires_fix { upscaler: \"Lanczos\" }");
  EXPECT_EQ(Set("hires_strength", "0.5"), "hires_fix { strength: 0.5 }");
  EXPECT_EQ(Set("hires_steps", "15"), "hires_fix { steps: 15 }");
  EXPECT_EQ(Set("hires_sampler", "DDIM"), "hires_fix { sampler: \"DDIM\" }");
  EXPECT_EQ(Set("hires_schedule", "Karras"), "hires_fix { schedule: \"Karras\" }");
  EXPECT_EQ(Set("hires_prompt", "a fox"), "hires_fix { prompt: \"a fox\" }");
  EXPECT_EQ(Set("hires_negative", "blur"), "hires_fix { negative_prompt: \"blur\" }");
  EXPECT_EQ(Set("hires_guidance", "5"), "hires_fix { guidance_scale: 5 }");
  EXPECT_EQ(Set("clip_skip", "2"), "clip_skip: 2");
  EXPECT_EQ(Set("emphasis", "No-Norm"), "emphasis: EMPHASIS_NO_NORM");
  EXPECT_EQ(Set("variation_strength", "0.5"), "variation { strength: 0.5 }");
  EXPECT_EQ(Set("variation_seed", "5"), "variation { seed: 5 }");
  EXPECT_EQ(Set("seed_resize", "512x768"), "seed_resize_from { width: 512 height: 768 }");
  EXPECT_EQ(Set("noise", "mt19937"), "noise_source: NOISE_SOURCE_MT19937");
  EXPECT_EQ(Set("noise", "GPU"), "noise_source: NOISE_SOURCE_PHILOX");
  EXPECT_EQ(Set("ensd", "31337"), "eta_seed_delta: 31337");
  EXPECT_EQ(Set("eta", "0"), "sampler_options { eta: 0 }") << "0 is not the same as unset";
  EXPECT_EQ(Set("s_churn", "1"), "sampler_options { s_churn: 1 }");
  EXPECT_EQ(Set("s_tmin", "1"), "sampler_options { s_tmin: 1 }");
  EXPECT_EQ(Set("s_tmax", "1"), "sampler_options { s_tmax: 1 }");
  EXPECT_EQ(Set("s_noise", "1"), "sampler_options { s_noise: 1 }");
  EXPECT_EQ(Set("sigma_min", "1"), "schedule_options { sigma_min: 1 }");
  EXPECT_EQ(Set("sigma_max", "1"), "schedule_options { sigma_max: 1 }");
  EXPECT_EQ(Set("rho", "1"), "schedule_options { rho: 1 }");
  EXPECT_EQ(Set("beta_alpha", "1"), "schedule_options { beta_alpha: 1 }");
  EXPECT_EQ(Set("beta_beta", "1"), "schedule_options { beta_beta: 1 }");
  EXPECT_EQ(Set("discard_next_to_last_sigma", "true"),
            "schedule_options { discard_next_to_last_sigma: true }");
  EXPECT_EQ(Set("guidance_rescale", "1"), "guidance_options { rescale: 1 }");
  EXPECT_EQ(Set("min_negative_sigma", "1"), "guidance_options { min_negative_sigma: 1 }");
  EXPECT_EQ(Set("skip_negative_at_every_call", "true"),
            "guidance_options { skip_negative_at_every_call: true }");
  EXPECT_EQ(Set("preview_interval", "0"), "preview_interval: 0");
}

TEST(PictureFieldsTest, CoverTheWholeRequest) {
  std::set<std::string> covered = {"prompt", "upscale"};  // an argument, and a command
  for (const PictureField& field : PictureFields()) {
    darkroom::v1::ImageParameters parameters;
    for (const char* value : {"1", "true", "8x8", "none", "philox", "crop", "fill"}) {
      if (field.set(value, parameters).ok()) break;
    }
    std::vector<const google::protobuf::FieldDescriptor*> set;
    parameters.GetReflection()->ListFields(parameters, &set);
    ASSERT_EQ(set.size(), 1u) << field.name;
    covered.insert(set[0]->name());
  }
  const auto* descriptor = darkroom::v1::ImageParameters::descriptor();
  for (int i = 0; i < descriptor->field_count(); ++i) {
    EXPECT_EQ(covered.count(descriptor->field(i)->name()), 1u) << descriptor->field(i)->name();
  }
}

TEST(PictureFieldsTest, SayWhatCouldHaveBeenWritten) {
  EXPECT_EQ(Set("noise", "white"), "\"white\" is not known; write philox or mt19937");
  EXPECT_THAT(Set("emphasis", "loud"), HasSubstr("write original, no-norm, ignore or none"));
  for (const char* size : {"512", "512x", "x512", "512x512x1", "a x b"}) {
    EXPECT_THAT(Set("seed_resize", size), HasSubstr("is not a size; write 512x512"));
  }
  EXPECT_EQ(Set("steps", "4294967316"), "\"4294967316\" is too large");
}

TEST(PictureFieldsTest, AreFoundWithDashesInTheName) {
  EXPECT_EQ(FindPictureField("clip-skip"), FindPictureField("clip_skip"));
  EXPECT_EQ(FindPictureField("clip"), nullptr);
}

}  // namespace
}  // namespace darkroom::cli
