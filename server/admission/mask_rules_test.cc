#include "server/admission/mask_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "server/testing/validating.h"

namespace darkroom::server {
namespace {

namespace v1 = darkroom::v1;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

v1::ImageParameters Masked() {
  v1::ImageParameters asked;
  asked.mutable_init_image()->set_name("inputs/" + std::string(64, 'a'));
  asked.mutable_init_image()->mutable_mask()->set_name("inputs/" + std::string(64, 'b'));
  return asked;
}

v1::Mask& MaskOf(v1::ImageParameters& asked) { return *asked.mutable_init_image()->mutable_mask(); }

// The verdict where picture and mask have these sizes.
Verdict CheckMasked(const v1::ImageParameters& asked, int width = 64, int height = 64,
                    int mask_width = 64, int mask_height = 64) {
  const Inputs inputs{
      .init_image = picture::Header{.stored_width = width, .stored_height = height},
      .mask = picture::Header{.stored_width = mask_width, .stored_height = mask_height}};
  return ValidateParameters(
      asked, {DemoModels(), "demo"}, [] { return 7u; }, inputs);
}

TEST(MaskRulesTest, WhatIsUnsetIsFilledInAndStaysSo) {
  const Verdict verdict = CheckMasked(Masked());
  ASSERT_THAT(verdict.violations, IsEmpty());
  const v1::Mask& mask = verdict.resolved.init_image().mask();
  EXPECT_EQ(mask.blur(), 4);
  EXPECT_EQ(mask.fill(), v1::MASK_FILL_ORIGINAL);
  EXPECT_FALSE(mask.has_padding());
  EXPECT_EQ(CheckMasked(verdict.resolved).resolved.SerializeAsString(),
            verdict.resolved.SerializeAsString());
}

TEST(MaskRulesTest, NumbersOutsideTheirRangesAreNamed) {
  v1::ImageParameters asked = Masked();
  MaskOf(asked).set_blur(65);
  MaskOf(asked).set_padding(-1);
  MaskOf(asked).set_fill(static_cast<v1::MaskFill>(9));
  EXPECT_THAT(Fields(CheckMasked(asked)),
              ElementsAre("parameters.init_image.mask.blur", "parameters.init_image.mask.fill",
                          "parameters.init_image.mask.padding"));
}

TEST(MaskRulesTest, SoftInpaintingHasTheDefaultsOfTheWebui) {
  v1::ImageParameters asked = Masked();
  EXPECT_FALSE(CheckMasked(asked).resolved.init_image().mask().has_soft());
  MaskOf(asked).mutable_soft()->set_mask_influence(0.25);
  const v1::SoftInpainting soft = CheckMasked(asked).resolved.init_image().mask().soft();
  EXPECT_EQ(soft.schedule_bias(), 1);
  EXPECT_EQ(soft.preservation_strength(), 0.5);
  EXPECT_EQ(soft.transition_contrast_boost(), 4);
  EXPECT_EQ(soft.mask_influence(), 0.25);
  EXPECT_EQ(soft.difference_threshold(), 0.5);
  EXPECT_EQ(soft.difference_contrast(), 2);
}

TEST(MaskRulesTest, SoftInpaintingsOptionsHaveLimits) {
  v1::ImageParameters asked = Masked();
  v1::SoftInpainting& soft = *MaskOf(asked).mutable_soft();
  soft.set_schedule_bias(-1);
  soft.set_transition_contrast_boost(0.5);
  soft.set_mask_influence(std::nan(""));
  EXPECT_THAT(Fields(CheckMasked(asked)),
              ElementsAre("parameters.init_image.mask.soft.schedule_bias",
                          "parameters.init_image.mask.soft.transition_contrast_boost",
                          "parameters.init_image.mask.soft.mask_influence"));
}

TEST(MaskRulesTest, PaddingIsOfTheMaskedRegionAlone) {
  v1::ImageParameters asked = Masked();
  MaskOf(asked).set_padding(8);
  EXPECT_FALSE(CheckMasked(asked).resolved.init_image().mask().has_padding());
  MaskOf(asked).set_only_masked(true);
  EXPECT_EQ(CheckMasked(asked).resolved.init_image().mask().padding(), 8);
  MaskOf(asked).clear_padding();
  EXPECT_EQ(CheckMasked(asked).resolved.init_image().mask().padding(), 32);
}

TEST(MaskRulesTest, ARegionIsMadeAtTheModelsSizeHoweverLargeThePicture) {
  v1::ImageParameters asked = Masked();
  MaskOf(asked).set_only_masked(true);
  const Verdict verdict = CheckMasked(asked, 1000, 800, 1000, 800);
  ASSERT_THAT(verdict.violations, IsEmpty());
  EXPECT_EQ(verdict.resolved.width(), 128);
  EXPECT_EQ(verdict.resolved.height(), 128);
}

TEST(MaskRulesTest, AMaskOfAnotherSizeIsGoodForTheWholePictureOnly) {
  v1::ImageParameters asked = Masked();
  EXPECT_THAT(CheckMasked(asked, 64, 64, 32, 48).violations, IsEmpty());
  MaskOf(asked).set_only_masked(true);
  const Verdict verdict = CheckMasked(asked, 64, 64, 32, 48);
  ASSERT_THAT(Fields(verdict), ElementsAre("parameters.init_image.mask"));
  EXPECT_THAT(verdict.violations[0].description, HasSubstr("is 32 x 48, the picture 64 x 64"));
}

TEST(MaskRulesTest, APictureThatKeepsItsSizeHasALargestOne) {
  v1::ImageParameters asked = Masked();
  MaskOf(asked).set_only_masked(true);
  EXPECT_THAT(CheckMasked(asked, 2048, 2048, 2048, 2048).violations, IsEmpty());
  EXPECT_THAT(Fields(CheckMasked(asked, 2049, 2048, 2049, 2048)),
              ElementsAre("parameters.init_image"));
}

}  // namespace
}  // namespace darkroom::server
