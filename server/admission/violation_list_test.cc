#include "server/admission/violation_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace darkroom::server {
namespace {

using testing::ElementsAre;
using testing::Field;

TEST(ViolationListTest, FieldsAreFullPathsInTheOrderOfTheSchema) {
  ViolationList violations;
  violations.Add("styles", "first");
  violations.Add("sampler_options.eta", "second");
  violations.Add("prompt", "third");
  violations.Add("sampler_options.s_churn", "fourth");
  EXPECT_THAT(violations.InSchemaOrder(),
              ElementsAre(Field(&FieldViolation::field, "parameters.prompt"),
                          Field(&FieldViolation::field, "parameters.sampler_options.eta"),
                          Field(&FieldViolation::field, "parameters.sampler_options.s_churn"),
                          Field(&FieldViolation::field, "parameters.styles")));
  EXPECT_TRUE(violations.Blames("sampler_options.eta"));
  EXPECT_FALSE(violations.Blames("sampler_options"));
}

TEST(ViolationListTest, NumbersAreJudgedByTheirRange) {
  const NumberRange range = {0, 1.5};
  ViolationList violations;
  for (const double good : {0.0, -0.0, 1.5}) {
    EXPECT_TRUE(violations.CheckRange("x", good, range)) << good;
  }
  const double infinity = std::numeric_limits<double>::infinity();
  for (const double bad : {-1e-300, 1.6, infinity, -infinity}) {
    EXPECT_FALSE(violations.CheckRange("x", bad, range)) << bad;
  }
  EXPECT_FALSE(violations.CheckRange("x", std::numeric_limits<double>::quiet_NaN(), range));
  EXPECT_EQ(violations.InSchemaOrder().back().description, "is not a number; it must be 0 to 1.5");
}

TEST(ViolationListTest, TheLeastMayBeExcluded) {
  const NumberRange range = {.least = 0, .most = 10, .above_least = true};
  ViolationList violations;
  EXPECT_TRUE(violations.CheckRange("x", 1e-300, range));
  EXPECT_FALSE(violations.CheckRange("x", -0.0, range));
  EXPECT_FALSE(violations.CheckRange("x", 0.0, range));
  EXPECT_EQ(violations.InSchemaOrder().back().description, "is 0; it must be above 0, at most 10");
}

}  // namespace
}  // namespace darkroom::server
