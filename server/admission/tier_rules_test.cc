#include "server/admission/tier_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "server/testing/validating.h"

namespace darkroom::server {
namespace {

using darkroom::v1::ImageParameters;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Tier FreeTier() {
  Tier tier;
  tier.terms.tier = "free";
  tier.limits = {.pixels = 128 * 128, .steps = 20, .images = 2};
  return tier;
}

// The fields of a good request that are over the limits.
std::vector<std::string> Over(const ImageParameters& asked, const Tier& tier = FreeTier()) {
  const Verdict verdict = Validate(asked);
  EXPECT_THAT(verdict.violations, IsEmpty());
  std::vector<std::string> fields;
  for (const FieldViolation& violation : CheckTierLimits(verdict, tier)) {
    fields.push_back(violation.field);
  }
  return fields;
}

TEST(TierRulesTest, WhatIsAtTheLimitsIsWithinThem) {
  ImageParameters asked;
  asked.set_steps(20);
  asked.set_image_count(2);
  EXPECT_THAT(Over(asked), IsEmpty());
}

TEST(TierRulesTest, EveryFieldOverALimitIsNamedWithLimitAndTier) {
  ImageParameters asked;
  asked.set_width(256);
  asked.set_steps(21);
  asked.set_image_count(3);
  EXPECT_THAT(Over(asked),
              ElementsAre("parameters.width", "parameters.steps", "parameters.image_count"));
  const auto violations = CheckTierLimits(Validate(asked), FreeTier());
  EXPECT_EQ(violations[0].description,
            "makes a picture of 32768 pixels; the tier \"free\" allows at most 16384: make it "
            "smaller");
  EXPECT_EQ(violations[1].description, "is 21; the tier \"free\" allows at most 20");
}

TEST(TierRulesTest, TheSecondPassOfAHiresFixIsChecked) {
  ImageParameters asked;
  asked.set_height(64);
  asked.mutable_hires_fix()->set_scale(2);
  asked.mutable_hires_fix()->set_steps(30);
  EXPECT_THAT(Over(asked), ElementsAre("parameters.hires_fix.scale", "parameters.hires_fix.steps"));
  asked.mutable_hires_fix()->clear_scale();
  asked.mutable_hires_fix()->set_width(256);
  asked.mutable_hires_fix()->clear_steps();
  EXPECT_THAT(Over(asked), ElementsAre("parameters.hires_fix.width"));
}

TEST(TierRulesTest, APictureThatIsMadeLargerIsCheckedWhateverItsUpscalersAreTogether) {
  Verdict verdict;
  verdict.resolved.mutable_upscale()->set_scale(2);
  verdict.resolved.mutable_upscale()->set_second_upscaler("Nearest");
  verdict.upscaled_pixels = 2 * 128 * 128;
  EXPECT_THAT(CheckTierLimits(verdict, FreeTier()), IsEmpty());
  verdict.upscaled_pixels += 2;
  EXPECT_EQ(CheckTierLimits(verdict, FreeTier()).at(0).field, "parameters.upscale.scale");
}

TEST(TierRulesTest, ATierWithoutLimitsAllowsWhatTheModelDoes) {
  ImageParameters asked;
  asked.set_steps(100);
  asked.set_image_count(4);
  EXPECT_THAT(Over(asked, Tier()), IsEmpty());
}

}  // namespace
}  // namespace darkroom::server
