#include "cli/load/load_plan.h"

#include <algorithm>
#include <cmath>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace darkroom::cli {
namespace {

using ::testing::HasSubstr;

LoadPlan TwoKinds() {
  return {.rate = 50,
          .duration = absl::Seconds(200),
          .tenants = 4,
          .kinds = {{.name = "a", .weight = 3}, {.name = "b", .weight = 1}}};
}

TEST(JobKindTest, IsAWeightAndOptions) {
  const JobKind kind = ParseJobKind("3 steps=20 width=512 prompt=a_red_apple,_ripe").value();
  EXPECT_EQ(kind.name, "3 steps=20 width=512 prompt=a_red_apple,_ripe");
  EXPECT_EQ(kind.weight, 3);
  EXPECT_EQ(kind.parameters.steps(), 20);
  EXPECT_EQ(kind.parameters.width(), 512);
  EXPECT_EQ(kind.parameters.prompt(), "a red apple, ripe");
}

TEST(JobKindTest, WithoutAWeightItWeighsOneAndWithoutAPromptItHasOne) {
  const JobKind kind = ParseJobKind("steps=20").value();
  EXPECT_EQ(kind.weight, 1);
  EXPECT_NE(kind.parameters.prompt(), "");
  EXPECT_EQ(ParseJobKind("").value().weight, 1);
}

TEST(JobKindTest, WhatIsNotUnderstoodIsNamed) {
  EXPECT_THAT(ParseJobKind("2 stepz=20").status().message(), HasSubstr("\"stepz=20\""));
  EXPECT_THAT(ParseJobKind("steps=many").status().message(), HasSubstr("many"));
  EXPECT_THAT(ParseJobKind("0 steps=20").status().message(), HasSubstr("weight"));
  EXPECT_THAT(ParseJobKind("-1 steps=20").status().message(), HasSubstr("weight"));
}

TEST(PlanArrivalsTest, TheSamePlanGivesTheSameArrivals) {
  EXPECT_EQ(PlanArrivals(TwoKinds()), PlanArrivals(TwoKinds()));
  LoadPlan other = TwoKinds();
  other.seed = 2;
  EXPECT_NE(PlanArrivals(TwoKinds()), PlanArrivals(other));
}

TEST(PlanArrivalsTest, GapsAreExponentialWithTheRate) {
  const std::vector<Arrival> arrivals = PlanArrivals(TwoKinds());
  ASSERT_GT(arrivals.size(), 2u);
  double sum = 0;
  double squares = 0;
  absl::Duration last = absl::ZeroDuration();
  for (const Arrival& arrival : arrivals) {
    const double gap = absl::ToDoubleSeconds(arrival.at - last);
    EXPECT_GE(gap, 0);
    EXPECT_LT(arrival.at, absl::Seconds(200));
    sum += gap;
    squares += gap * gap;
    last = arrival.at;
  }
  const double mean = sum / arrivals.size();
  EXPECT_NEAR(mean, 1.0 / 50, 0.001);
  EXPECT_NEAR(std::sqrt(squares / arrivals.size() - mean * mean), mean, 0.001)
      << "an exponential distribution deviates by its mean";
}

TEST(PlanArrivalsTest, TenantsAskEquallyAndKindsByWeight) {
  const std::vector<Arrival> arrivals = PlanArrivals(TwoKinds());
  const auto count = [&](auto matches) {
    return std::count_if(arrivals.begin(), arrivals.end(), matches) /
           static_cast<double>(arrivals.size());
  };
  for (int tenant = 0; tenant < 4; ++tenant) {
    EXPECT_NEAR(count([&](const Arrival& arrival) { return arrival.tenant == tenant; }), 0.25,
                0.03);
  }
  EXPECT_NEAR(count([](const Arrival& arrival) { return arrival.kind == 0; }), 0.75, 0.03);
}

}  // namespace
}  // namespace darkroom::cli
