#include "server/admission/upscale_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "server/admission/cost_model.h"
#include "server/testing/demo_adapters.h"
#include "server/testing/validating.h"

namespace darkroom::server {
namespace {

namespace v1 = darkroom::v1;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

v1::ImageParameters AskedToUpscale() {
  v1::ImageParameters asked;
  asked.mutable_init_image()->set_name("inputs/a");
  asked.mutable_upscale();
  return asked;
}

// Of a picture of 100 x 60, or of another.
Verdict ValidateUpscale(const v1::ImageParameters& asked, int width = 100, int height = 60) {
  static const auto& files = *new AdapterIndex(AdapterIndex::Parse(DemoAdapterList()).value());
  const Inputs inputs{.init_image =
                          picture::Header{.stored_width = width, .stored_height = height}};
  return ValidateParameters(
      asked, {DemoModels(), "demo", {}, &files}, [] { return 7U; }, inputs);
}

TEST(UpscaleRulesTest, WhatIsUnsetIsFilledInAndStaysSo) {
  const Verdict verdict = ValidateUpscale(AskedToUpscale());
  ASSERT_THAT(verdict.violations, IsEmpty());
  EXPECT_EQ(verdict.model, "demo");
  EXPECT_EQ(verdict.resolved.ShortDebugString(),
            "model: \"models/demo\" init_image { name: \"inputs/a\" } upscale { scale: 2 upscaler: "
            "\"Lanczos\" }");
  EXPECT_EQ(ValidateUpscale(verdict.resolved).resolved.SerializeAsString(),
            verdict.resolved.SerializeAsString());
}

TEST(UpscaleRulesTest, ASizeToCoverHasBothSidesAndIsCutOut) {
  v1::ImageParameters asked = AskedToUpscale();
  asked.mutable_upscale()->set_width(640);
  EXPECT_THAT(Fields(ValidateUpscale(asked)), ElementsAre("parameters.upscale.height"));
  asked.mutable_upscale()->set_height(480);
  const Verdict verdict = ValidateUpscale(asked);
  ASSERT_THAT(verdict.violations, IsEmpty());
  EXPECT_TRUE(verdict.resolved.upscale().crop());
  asked.mutable_upscale()->set_scale(2);
  asked.mutable_upscale()->set_width(641);
  EXPECT_THAT(Fields(ValidateUpscale(asked)),
              ElementsAre("parameters.upscale.scale", "parameters.upscale.width"));
}

TEST(UpscaleRulesTest, NetworksArePricedByWhatTheyAreGiven) {
  v1::ImageParameters asked = AskedToUpscale();
  asked.mutable_upscale()->set_upscaler("R-ESRGAN 4x+");
  const Verdict once = ValidateUpscale(asked);
  ASSERT_THAT(once.violations, IsEmpty());
  EXPECT_EQ(once.resolved.upscale().upscaler(), "RealESRGAN_x4plus");
  EXPECT_EQ(once.upscale_operations, 17'926'848.0 * 100 * 60);
  EXPECT_EQ(once.upscaled_pixels, 200 * 120);
  const v1::Model& model = DemoModels().at("demo");
  EXPECT_EQ(PredictCost(model, once.resolved, once.upscale_operations, once.upscaled_pixels),
            kUnmeasuredUpscale * (once.upscale_operations / 1e12) + kUpscaledPixel * (200 * 120));
  asked.mutable_upscale()->set_second_upscaler("nearest");
  asked.mutable_upscale()->set_second_visibility(0.25);
  const Verdict both = ValidateUpscale(asked);
  EXPECT_EQ(both.resolved.upscale().second_upscaler(), "Nearest");
  EXPECT_EQ(both.upscale_operations, once.upscale_operations);
  EXPECT_EQ(both.upscaled_pixels, 2 * once.upscaled_pixels);
}

TEST(UpscaleRulesTest, ASecondUpscalerThatIsNotSeenIsLeftOut) {
  v1::ImageParameters asked = AskedToUpscale();
  asked.mutable_upscale()->set_second_upscaler("Waifu");
  const Verdict verdict = ValidateUpscale(asked);
  EXPECT_THAT(verdict.violations, IsEmpty());
  EXPECT_EQ(verdict.resolved.upscale().second_upscaler(), "");
  asked.mutable_upscale()->set_second_visibility(0.5);
  EXPECT_THAT(Fields(ValidateUpscale(asked)), ElementsAre("parameters.upscale.second_upscaler"));
  asked.mutable_upscale()->set_second_upscaler("Nearest");
  asked.mutable_upscale()->set_second_visibility(1.5);
  EXPECT_THAT(Fields(ValidateUpscale(asked)), ElementsAre("parameters.upscale.second_visibility"));
}

TEST(UpscaleRulesTest, UpscalersOfLatentsAndUnknownOnesAreRefusedWithTheKnown) {
  for (const char* name : {"Latent", "None", "Waifu"}) {
    v1::ImageParameters asked = AskedToUpscale();
    asked.mutable_upscale()->set_upscaler(name);
    const Verdict verdict = ValidateUpscale(asked);
    ASSERT_THAT(Fields(verdict), ElementsAre("parameters.upscale.upscaler")) << name;
    EXPECT_THAT(verdict.violations[0].description,
                HasSubstr("known: \"Lanczos\", \"Nearest\", \"RealESRGAN_x4plus\""));
  }
}

TEST(UpscaleRulesTest, WhatWouldBeTooLargeIsRefusedBeforeItIsQueued) {
  v1::ImageParameters asked = AskedToUpscale();
  asked.mutable_upscale()->set_scale(8);
  EXPECT_THAT(ValidateUpscale(asked, 512, 512).violations, IsEmpty());
  const Verdict large = ValidateUpscale(asked, 512, 520);
  ASSERT_THAT(Fields(large), ElementsAre("parameters.upscale.scale"));
  EXPECT_THAT(large.violations[0].description, HasSubstr("makes 4096 x 4160 of the picture's"));
  // Four times as large twice, on the way.
  asked.mutable_upscale()->set_upscaler("RealESRGAN_x4plus");
  const Verdict on_the_way = ValidateUpscale(asked, 512, 520);
  EXPECT_THAT(Fields(on_the_way), ElementsAre("parameters.upscale.scale"));
  asked.mutable_upscale()->set_scale(4.5);
  EXPECT_THAT(Fields(ValidateUpscale(asked, 800, 800)), ElementsAre("parameters.upscale.upscaler"));
  asked.mutable_upscale()->set_scale(9);
  EXPECT_THAT(Fields(ValidateUpscale(asked)), ElementsAre("parameters.upscale.scale"));
}

TEST(UpscaleRulesTest, APictureThatBecomesNothingIsRefused) {
  v1::ImageParameters asked = AskedToUpscale();
  asked.mutable_upscale()->set_scale(1);
  EXPECT_THAT(Fields(ValidateUpscale(asked, 7, 60)), ElementsAre("parameters.upscale.scale"));
}

TEST(UpscaleRulesTest, WhatHasNoSayIsRefused) {
  v1::ImageParameters asked = AskedToUpscale();
  asked.set_prompt("a cat");
  asked.set_seed(1);
  asked.mutable_hires_fix();
  asked.mutable_init_image()->set_strength(0.5);
  EXPECT_THAT(Fields(ValidateUpscale(asked)),
              UnorderedElementsAre("parameters.prompt", "parameters.seed", "parameters.hires_fix",
                                   "parameters.init_image.strength"));
  v1::ImageParameters none;
  none.mutable_upscale();
  EXPECT_THAT(Fields(ValidateUpscale(none)), ElementsAre("parameters.init_image"));
}

}  // namespace
}  // namespace darkroom::server
