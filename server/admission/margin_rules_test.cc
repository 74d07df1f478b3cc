#include "server/admission/margin_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/testing/validating.h"

namespace darkroom::server {
namespace {

namespace v1 = darkroom::v1;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

v1::ImageParameters Extended(int left, int top, int right, int bottom) {
  v1::ImageParameters asked;
  asked.mutable_init_image()->set_name("inputs/" + std::string(64, 'a'));
  v1::Margins& margins = *asked.mutable_init_image()->mutable_extend();
  margins.set_left(left);
  margins.set_top(top);
  margins.set_right(right);
  margins.set_bottom(bottom);
  return asked;
}

// The verdict where the picture is of 64 x 60.
Verdict CheckExtended(const v1::ImageParameters& asked) {
  return ValidateParameters(
      asked, {DemoModels(), "demo"}, [] { return 7u; },
      {.init_image = picture::Header{.stored_width = 64, .stored_height = 60}});
}

TEST(MarginRulesTest, ThePictureGetsLargerAndItsMarginsAreTheMask) {
  const Verdict verdict = CheckExtended(Extended(32, 4, 16, 0));
  ASSERT_THAT(verdict.violations, IsEmpty());
  EXPECT_EQ(verdict.resolved.width(), 112);
  EXPECT_EQ(verdict.resolved.height(), 64);
  const v1::InitImage& image = verdict.resolved.init_image();
  EXPECT_EQ(image.mask().blur(), 8);
  EXPECT_EQ(image.mask().fill(), v1::MASK_FILL_SURROUNDINGS);
  EXPECT_EQ(CheckExtended(verdict.resolved).resolved.SerializeAsString(),
            verdict.resolved.SerializeAsString());
}

TEST(MarginRulesTest, MarginsGrowToMultiplesOfEight) {
  const v1::Margins right = CheckExtended(Extended(3, 0, 3, 0)).resolved.init_image().extend();
  EXPECT_EQ(right.left(), 3);
  EXPECT_EQ(right.right(), 5);
  EXPECT_EQ(right.top(), 0);
  EXPECT_EQ(right.bottom(), 4);
  const Verdict top = CheckExtended(Extended(3, 2, 0, 0));
  EXPECT_EQ(top.resolved.init_image().extend().left(), 8);
  EXPECT_EQ(top.resolved.init_image().extend().top(), 4);
  EXPECT_EQ(top.resolved.height(), 64);
}

TEST(MarginRulesTest, MarginsOfNothingAreNone) {
  const Verdict verdict = CheckExtended(Extended(0, 0, 0, 0));
  EXPECT_FALSE(verdict.resolved.init_image().has_extend());
  EXPECT_FALSE(verdict.resolved.init_image().has_mask());
  v1::ImageParameters asked = Extended(0, 0, 0, 0);
  asked.mutable_init_image()->mutable_mask()->set_blur(3);
  EXPECT_FALSE(CheckExtended(asked).resolved.init_image().has_mask());
}

TEST(MarginRulesTest, MarginsOutsideTheirRangeAreNamed) {
  EXPECT_THAT(
      Fields(CheckExtended(Extended(-1, 0, 2049, 0))),
      ElementsAre("parameters.init_image.extend.left", "parameters.init_image.extend.right"));
  const Verdict large = CheckExtended(Extended(1000, 0, 0, 0));
  ASSERT_THAT(Fields(large), ElementsAre("parameters.init_image"));
  EXPECT_THAT(large.violations[0].description, HasSubstr("which makes a picture of 1064 x 64"));
}

TEST(MarginRulesTest, AMaskBesideTheMarginsIsRefused) {
  v1::ImageParameters asked = Extended(8, 0, 0, 0);
  v1::Mask& mask = *asked.mutable_init_image()->mutable_mask();
  mask.set_blur(2);
  EXPECT_THAT(CheckExtended(asked).violations, IsEmpty());
  mask.set_name("inputs/" + std::string(64, 'b'));
  mask.set_inverted(true);
  mask.set_only_masked(true);
  EXPECT_THAT(Fields(CheckExtended(asked)),
              ElementsAre("parameters.init_image.mask", "parameters.init_image.mask.inverted",
                          "parameters.init_image.mask.only_masked"));
}

}  // namespace
}  // namespace darkroom::server
