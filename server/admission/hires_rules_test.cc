#include "server/admission/hires_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/testing/demo_adapters.h"
#include "server/testing/validating.h"

namespace darkroom::server {
namespace {

namespace v1 = darkroom::v1;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// 64 x 64 of a model that makes 256 a side and 256 x 128 pixels.
v1::ImageParameters Asked() {
  v1::ImageParameters asked;
  asked.set_width(64);
  asked.set_height(64);
  asked.mutable_hires_fix();
  return asked;
}

// What is said of the one field that is wrong.
std::string Blamed(const v1::ImageParameters& asked, const std::string& field) {
  const Verdict verdict = Validate(asked);
  EXPECT_THAT(Fields(verdict), ElementsAre("parameters.hires_fix" + field));
  return verdict.violations.empty() ? "" : verdict.violations[0].description;
}

TEST(HiresRulesTest, WhatIsUnsetIsFilledInAndStaysSo) {
  v1::ImageParameters asked = Asked();
  asked.set_sampler("Euler a");
  asked.set_steps(9);
  asked.set_guidance_scale(3);
  const Verdict verdict = Validate(asked);
  ASSERT_THAT(verdict.violations, IsEmpty());
  const v1::HiresFix& hires = verdict.resolved.hires_fix();
  EXPECT_EQ(hires.ShortDebugString(),
            "scale: 2 upscaler: \"Latent\" strength: 0.7 steps: 9 sampler: \"Euler a\" "
            "schedule: \"Karras\" guidance_scale: 3");
  EXPECT_EQ(Validate(verdict.resolved).resolved.SerializeAsString(),
            verdict.resolved.SerializeAsString());
  EXPECT_EQ(SizeOfHires(verdict.resolved), (naming::HiresSize{128, 128, 128, 128}));
}

TEST(HiresRulesTest, NamesAreSpeltOutAndPromptsThatAreTheSameDropped) {
  v1::ImageParameters asked = Asked();
  asked.set_prompt("a cat");
  asked.set_negative_prompt("blur");
  v1::HiresFix& hires = *asked.mutable_hires_fix();
  hires.set_upscaler("latent (NEAREST-exact)");
  hires.set_sampler("euler karras");
  hires.set_schedule("automatic");
  hires.set_prompt("a cat # in short");
  hires.set_negative_prompt("noise");
  hires.set_height(96);
  hires.set_width(0);
  const Verdict verdict = Validate(asked);
  ASSERT_THAT(verdict.violations, IsEmpty());
  const v1::HiresFix& resolved = verdict.resolved.hires_fix();
  EXPECT_EQ(resolved.upscaler(), "Latent (nearest-exact)");
  EXPECT_EQ(resolved.sampler(), "Euler");
  EXPECT_EQ(resolved.schedule(), "Karras");
  EXPECT_EQ(resolved.prompt(), "");
  EXPECT_EQ(resolved.negative_prompt(), "noise");
  EXPECT_FALSE(resolved.has_scale());
  EXPECT_FALSE(resolved.has_width());
}

TEST(HiresRulesTest, StylesAreAppliedToItsPromptsToo) {
  const std::vector<prompt::Style> styles = {{"ink", "{prompt}, ink", ""}};
  v1::ImageParameters asked = Asked();
  asked.set_prompt("a cat");
  asked.add_styles("ink");
  EXPECT_EQ(Validate(asked, 7, styles).resolved.hires_fix().prompt(), "");
  asked.mutable_hires_fix()->set_prompt("a dog");
  EXPECT_EQ(Validate(asked, 7, styles).resolved.hires_fix().prompt(), "a dog, ink");
}

TEST(HiresRulesTest, SizesBeyondTheModelsAreNamedAsTheyWereAsked) {
  v1::ImageParameters asked = Asked();
  v1::HiresFix& hires = *asked.mutable_hires_fix();
  hires.set_scale(3.5);
  EXPECT_THAT(Blamed(asked, ".scale"), HasSubstr("to 224 x 224; the model allows at most 256 a"));
  hires.set_scale(0.5);
  EXPECT_THAT(Blamed(asked, ".scale"), HasSubstr("1 to 4"));
  hires.set_scale(2);
  hires.set_width(128);
  EXPECT_THAT(Blamed(asked, ".scale"), HasSubstr("cannot be used with width or height"));
  hires.clear_scale();
  hires.set_width(130);
  EXPECT_THAT(Blamed(asked, ".width"), HasSubstr("not a multiple of 8; use 128 or 136"));
  hires.set_width(264);
  EXPECT_THAT(Blamed(asked, ".width"), HasSubstr("8 to 256"));
  // Covering it takes 256 x 256, though 256 x 64 would do.
  hires.set_width(256);
  hires.set_height(64);
  EXPECT_THAT(Blamed(asked, ".width"), HasSubstr("scales the picture to 256 x 256"));
  asked.set_width(8);
  asked.set_height(128);
  hires.clear_width();
  hires.set_height(64);
  EXPECT_THAT(Blamed(asked, ".height"), HasSubstr("makes a picture of 0 x 64"));
}

TEST(HiresRulesTest, EveryOtherFieldIsCheckedAndNamed) {
  v1::ImageParameters asked = Asked();
  v1::HiresFix& hires = *asked.mutable_hires_fix();
  hires.set_upscaler("Lanzcos");
  EXPECT_THAT(Blamed(asked, ".upscaler"), HasSubstr("did you mean \"Lanczos\"?"));
  hires.clear_upscaler();
  hires.set_strength(0);
  EXPECT_THAT(Blamed(asked, ".strength"), HasSubstr("above 0"));
  hires.set_strength(0.04);
  hires.set_steps(20);
  EXPECT_THAT(Blamed(asked, ".strength"), HasSubstr("the last of 500; at most 400"));
  hires.clear_strength();
  hires.set_steps(101);
  EXPECT_THAT(Blamed(asked, ".steps"), HasSubstr("0 to 100"));
  hires.clear_steps();
  hires.set_sampler("Oiler");
  EXPECT_THAT(Blamed(asked, ".sampler"), HasSubstr("did you mean \"Euler\"?"));
  hires.clear_sampler();
  hires.set_schedule("Steep");
  EXPECT_THAT(Blamed(asked, ".schedule"), HasSubstr("\"Steep\""));
  hires.clear_schedule();
  hires.set_guidance_scale(31);
  EXPECT_THAT(Blamed(asked, ".guidance_scale"), HasSubstr("1 to 30"));
  hires.clear_guidance_scale();
  hires.set_prompt(std::string(4097, 'x'));
  EXPECT_THAT(Blamed(asked, ".prompt"), HasSubstr("at most 4096"));
  hires.clear_prompt();
  hires.set_negative_prompt(std::string(4097, 'x'));
  EXPECT_THAT(Blamed(asked, ".negative_prompt"), HasSubstr("at most 4096"));
}

class UpscalerRulesTest : public testing::Test {
 protected:
  Verdict Check(const v1::ImageParameters& asked) { return Validate(asked, 7, {}, &index_); }

  const AdapterIndex index_ = AdapterIndex::Parse(DemoAdapterList()).value();
};

TEST_F(UpscalerRulesTest, AFileIsNamedByItsNameOrByAutomatic1111s) {
  v1::ImageParameters asked = Asked();
  asked.set_image_count(2);
  for (const char* name : {"RealESRGAN_x4plus", "R-ESRGAN 4x+"}) {
    asked.mutable_hires_fix()->set_upscaler(name);
    const Verdict verdict = Check(asked);
    ASSERT_THAT(verdict.violations, IsEmpty());
    EXPECT_EQ(verdict.resolved.hires_fix().upscaler(), "RealESRGAN_x4plus");
    EXPECT_EQ(verdict.upscale_operations, 2.0 * 64 * 64 * 17'926'848);
  }
  asked.mutable_hires_fix()->set_upscaler("lanczos");
  EXPECT_EQ(Check(asked).upscale_operations, 0);
}

TEST_F(UpscalerRulesTest, AnUnknownOneIsRefusedWithAllThatThereAre) {
  v1::ImageParameters asked = Asked();
  asked.mutable_hires_fix()->set_upscaler("RealESRGAN_x4plu");
  const Verdict verdict = Check(asked);
  ASSERT_THAT(Fields(verdict), ElementsAre("parameters.hires_fix.upscaler"));
  EXPECT_THAT(verdict.violations[0].description,
              AllOf(HasSubstr("did you mean \"RealESRGAN_x4plus\"?"), HasSubstr("\"Lanczos\"")));
}

TEST_F(UpscalerRulesTest, OneThatMakesTooMuchOnTheWayIsRefused) {
  v1::ImageParameters asked = Asked();
  std::map<std::string, v1::Model> models = DemoModels();
  models["demo"].set_max_side(8192);
  models["demo"].set_max_pixels(std::int64_t{1} << 26);
  asked.set_width(2048);
  asked.set_height(2056);
  asked.mutable_hires_fix()->set_scale(1.5);
  asked.mutable_hires_fix()->set_upscaler("RealESRGAN_x4plus");
  const Catalogue catalogue = {models, "demo", {}, &index_};
  const Verdict verdict = ValidateParameters(asked, catalogue, [] { return 7u; });
  ASSERT_THAT(Fields(verdict), ElementsAre("parameters.hires_fix.upscaler"));
  EXPECT_THAT(verdict.violations[0].description, HasSubstr("8192 x 8224 on the way"));
}

TEST(HiresRulesTest, APictureToBeginWithRulesItOut) {
  v1::ImageParameters asked = Asked();
  asked.mutable_init_image()->set_name("inputs/" + std::string(64, 'a'));
  const Inputs inputs{.init_image = picture::Header{.stored_width = 64, .stored_height = 64}};
  const Verdict verdict = ValidateParameters(
      asked, {DemoModels(), "demo"}, [] { return 7u; }, inputs);
  ASSERT_THAT(Fields(verdict), ElementsAre("parameters.hires_fix"));
  EXPECT_THAT(verdict.violations[0].description, HasSubstr("cannot be used with init_image"));
}

TEST(HiresRulesTest, AnEtaThatIsOneSamplersOwnStaysForTheOther) {
  v1::ImageParameters asked = Asked();
  asked.set_sampler("Euler a");
  asked.mutable_sampler_options()->set_eta(1);
  EXPECT_FALSE(Validate(asked).resolved.has_sampler_options());
  asked.mutable_hires_fix()->set_sampler("DDIM");
  EXPECT_TRUE(Validate(asked).resolved.sampler_options().has_eta());
}

}  // namespace
}  // namespace darkroom::server
