#include "server/admission/seed_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/testing/validating.h"

namespace darkroom::server {
namespace {

using darkroom::v1::ImageParameters;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(SeedRulesTest, OpenSeedsAreDrawn) {
  ImageParameters asked;
  asked.mutable_variation()->set_strength(0.25);
  for (int round = 0; round < 2; ++round) {
    const Verdict verdict = Validate(asked, 70);
    EXPECT_EQ(verdict.resolved.seed(), 70);
    EXPECT_EQ(verdict.resolved.variation().seed(), 71);
    asked.set_seed(-1);
    asked.mutable_variation()->set_seed(-1);
  }
}

TEST(SeedRulesTest, DrawnSeedLeavesRoomForTheOtherImages) {
  ImageParameters asked;
  asked.set_image_count(4);
  const Verdict verdict = Validate(asked, 4'294'967'295);
  EXPECT_THAT(verdict.violations, IsEmpty());
  EXPECT_EQ(verdict.resolved.seed(), 4'294'967'292);
}

TEST(SeedRulesTest, DrawnVariationSeedLeavesRoomForTheOtherImages) {
  ImageParameters asked;
  asked.set_seed(4'294'967'295);
  asked.set_image_count(4);
  asked.mutable_variation()->set_strength(1);
  const Verdict verdict = Validate(asked, 4'294'967'295);
  EXPECT_THAT(verdict.violations, IsEmpty());
  EXPECT_EQ(verdict.resolved.variation().seed(), 4'294'967'292);
}

TEST(SeedRulesTest, WithAVariationOnlyItsSeedRises) {
  ImageParameters asked;
  asked.set_seed(4'294'967'294);
  asked.set_image_count(3);
  EXPECT_THAT(Fields(Validate(asked)), ElementsAre("parameters.seed"));
  asked.mutable_variation()->set_seed(4'294'967'293);
  EXPECT_THAT(Fields(Validate(asked)), ElementsAre("parameters.seed")) << "strength 0 is none";
  asked.mutable_variation()->set_strength(0.5);
  EXPECT_THAT(Fields(Validate(asked)), IsEmpty());
  asked.mutable_variation()->set_seed(4'294'967'294);
  const Verdict verdict = Validate(asked);
  ASSERT_THAT(Fields(verdict), ElementsAre("parameters.variation.seed"));
  EXPECT_THAT(verdict.violations[0].description,
              HasSubstr("the last of 3 images has seed 4294967296"));
}

TEST(SeedRulesTest, VariationWithoutStrengthIsCheckedAndDropped) {
  ImageParameters asked;
  asked.mutable_variation()->set_seed(5);
  EXPECT_FALSE(Validate(asked).resolved.has_variation());
  for (const std::int64_t seed : {std::int64_t{-2}, kMaxSeed + 1}) {
    asked.mutable_variation()->set_seed(seed);
    EXPECT_THAT(Fields(Validate(asked)), ElementsAre("parameters.variation.seed"));
  }
}

TEST(SeedRulesTest, SeedDeltaHasTheRangeOfSeedsBothWays) {
  ImageParameters asked;
  EXPECT_TRUE(Validate(asked).resolved.has_eta_seed_delta());
  for (const std::int64_t good : {std::int64_t{31337}, kMaxSeed, -kMaxSeed}) {
    asked.set_eta_seed_delta(good);
    EXPECT_THAT(Fields(Validate(asked)), IsEmpty()) << good;
    EXPECT_EQ(Validate(asked).resolved.eta_seed_delta(), good);
  }
  for (const std::int64_t bad : {kMaxSeed + 1, -kMaxSeed - 1}) {
    asked.set_eta_seed_delta(bad);
    EXPECT_THAT(Fields(Validate(asked)), ElementsAre("parameters.eta_seed_delta")) << bad;
  }
}

}  // namespace
}  // namespace darkroom::server
