#include "server/admission/init_image_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <map>
#include <string>

#include "server/testing/validating.h"

namespace darkroom::server {
namespace {

using darkroom::v1::ImageParameters;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

ImageParameters AskedRefinement() {
  ImageParameters asked;
  asked.mutable_init_image()->set_name("inputs/" + std::string(64, 'a'));
  return asked;
}

// The verdict where the picture has this size.
Verdict Check(const ImageParameters& asked, int width = 64, int height = 64) {
  const picture::Header header{.stored_width = width, .stored_height = height};
  return ValidateParameters(asked, {DemoModels(), "demo"}, [] { return 7u; },
                            {.init_image = header});
}

TEST(InitImageRulesTest, WhatIsUnsetIsFilledInAndStaysSo) {
  const Verdict verdict = Check(AskedRefinement());
  ASSERT_THAT(verdict.violations, IsEmpty());
  EXPECT_EQ(verdict.resolved.init_image().strength(), 0.75);
  EXPECT_EQ(verdict.resolved.init_image().resize_mode(), darkroom::v1::RESIZE_MODE_STRETCH);
  EXPECT_EQ(Check(verdict.resolved).resolved.SerializeAsString(),
            verdict.resolved.SerializeAsString());
}

TEST(InitImageRulesTest, StrengthIsAboveZeroAndAtMostOne) {
  for (const double bad : {0.0, -0.1, 1.01, std::numeric_limits<double>::quiet_NaN()}) {
    ImageParameters asked = AskedRefinement();
    asked.mutable_init_image()->set_strength(bad);
    EXPECT_THAT(Fields(Check(asked)), ElementsAre("parameters.init_image.strength")) << bad;
  }
  for (const double good : {0.001, 1.0}) {
    ImageParameters asked = AskedRefinement();
    asked.mutable_init_image()->set_strength(good);
    EXPECT_THAT(Check(asked).violations, IsEmpty()) << good;
  }
}

TEST(InitImageRulesTest, UnknownResizeModeIsToldTheKnownOnes) {
  ImageParameters asked = AskedRefinement();
  asked.mutable_init_image()->set_resize_mode(static_cast<darkroom::v1::ResizeMode>(9));
  const Verdict verdict = Check(asked);
  ASSERT_THAT(Fields(verdict), ElementsAre("parameters.init_image.resize_mode"));
  EXPECT_THAT(verdict.violations[0].description, HasSubstr("RESIZE_MODE_CROP (2)"));
}

TEST(InitImageRulesTest, SizeIsThePicturesRoundedToEight) {
  const Verdict verdict = Check(AskedRefinement(), 100, 203);
  ASSERT_THAT(verdict.violations, IsEmpty());
  EXPECT_EQ(verdict.resolved.width(), 104);
  EXPECT_EQ(verdict.resolved.height(), 200);
  const Verdict tiny = Check(AskedRefinement(), 3, 1);
  EXPECT_EQ(tiny.resolved.width(), 8);
  EXPECT_EQ(tiny.resolved.height(), 8);
}

TEST(InitImageRulesTest, OneSideBringsTheOtherInProportion) {
  ImageParameters asked = AskedRefinement();
  asked.set_width(128);
  EXPECT_EQ(Check(asked, 2000, 1000).resolved.height(), 64);
  asked.clear_width();
  asked.set_height(128);
  EXPECT_EQ(Check(asked, 2000, 1000).resolved.width(), 256);
}

TEST(InitImageRulesTest, APictureLargerThanTheModelsNeedsASize) {
  const Verdict verdict = Check(AskedRefinement(), 2000, 1000);
  ASSERT_THAT(Fields(verdict), ElementsAre("parameters.init_image"));
  EXPECT_THAT(verdict.violations[0].description, HasSubstr("set width and height"));
  ImageParameters asked = AskedRefinement();
  asked.set_width(128);
  asked.set_height(128);
  EXPECT_THAT(Check(asked, 2000, 1000).violations, IsEmpty());
}

// A catalogue of one model that changes pictures by instruction.
Verdict CheckInstructed(const ImageParameters& asked) {
  std::map<std::string, darkroom::v1::Model> models = DemoModels();
  models.at("demo").set_task(darkroom::v1::MODEL_TASK_INSTRUCTION);
  return ValidateParameters(
      asked, {models, "demo"}, [] { return 7u; },
      {.init_image = picture::Header{.stored_width = 64, .stored_height = 64}});
}

TEST(InitImageRulesTest, AModelThatIsInstructedNeedsAPicture) {
  const Verdict verdict = CheckInstructed({});
  ASSERT_THAT(Fields(verdict), ElementsAre("parameters.init_image"));
  EXPECT_THAT(verdict.violations[0].description, HasSubstr("choose another model"));
  EXPECT_THAT(CheckInstructed(AskedRefinement()).violations, IsEmpty());
}

TEST(InitImageRulesTest, GuidanceByThePictureIsOfModelsThatAreInstructed) {
  ImageParameters asked = AskedRefinement();
  EXPECT_EQ(CheckInstructed(asked).resolved.init_image().guidance_scale(), 1.5);
  EXPECT_FALSE(Check(asked).resolved.init_image().has_guidance_scale());
  asked.mutable_init_image()->set_guidance_scale(2);
  EXPECT_EQ(CheckInstructed(asked).resolved.init_image().guidance_scale(), 2);
  EXPECT_FALSE(Check(asked).resolved.init_image().has_guidance_scale());
  asked.mutable_init_image()->set_guidance_scale(31);
  EXPECT_THAT(Fields(CheckInstructed(asked)), ElementsAre("parameters.init_image.guidance_scale"));
}

TEST(InitImageRulesTest, AnInstructionIsOnePartUnlessThePictureGuidesNoFurther) {
  ImageParameters asked = AskedRefinement();
  asked.set_prompt("make it winter AND at night");
  EXPECT_THAT(Fields(CheckInstructed(asked)), ElementsAre("parameters.prompt"));
  asked.mutable_init_image()->set_guidance_scale(1);
  EXPECT_THAT(CheckInstructed(asked).violations, IsEmpty());
}

}  // namespace
}  // namespace darkroom::server
