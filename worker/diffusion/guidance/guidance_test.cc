#include "worker/diffusion/guidance/guidance.h"

#include <utility>
#include <vector>

#include "ATen/TensorOperators.h"
#include "ATen/ops/equal.h"
#include "ATen/ops/full.h"
#include "ATen/ops/std.h"
#include "ATen/ops/tensor.h"
#include "gtest/gtest.h"

namespace darkroom::diffusion {
namespace {

at::Tensor ContextOf(double value, std::int64_t tokens = 77) {
  return at::full({1, tokens, 2}, value);
}

at::Tensor Predicted(std::vector<double> values) {
  return at::tensor(values, at::kFloat).view({1, -1, 1, 1});
}

ConditioningSchedule Schedule(at::Tensor context) {
  return ConditioningSchedule({.context = std::move(context)});
}

double Value(const ConditioningSchedule& schedule, int call) {
  return schedule.At(call).context.mean().item<double>();
}

TEST(ConditioningScheduleTest, AVariantLastsUpToAndWithTheCallThatItEndsAt) {
  const ConditioningSchedule schedule(std::vector<ConditioningSchedule::Variant>{
      {.last_call = 3, .conditioning = {ContextOf(1)}},
      {.last_call = 10, .conditioning = {ContextOf(2)}}});
  for (const int call : {0, 1, 2, 3}) EXPECT_EQ(Value(schedule, call), 1) << call;
  for (const int call : {4, 9, 10}) EXPECT_EQ(Value(schedule, call), 2) << call;
}

TEST(ConditioningScheduleTest, BeyondTheLastEndTheFirstComesBack) {
  const ConditioningSchedule schedule(
      std::vector<ConditioningSchedule::Variant>{{.last_call = 1, .conditioning = {ContextOf(1)}},
                                                 {.last_call = 2, .conditioning = {ContextOf(2)}}});
  EXPECT_EQ(Value(schedule, 3), 1);
  EXPECT_EQ(Value(Schedule(ContextOf(7)), 1000), 7);
}

TEST(GuidanceTest, TheUncondIsSkippedBelowItsSigmaAtOddCalls) {
  Guidance guidance{.conds = {{.conditioning = Schedule(ContextOf(1))}},
                    .uncond = Schedule(ContextOf(0)),
                    .min_uncond_sigma = 2};
  EXPECT_TRUE(UsesUncond(guidance, 1, 2, 0));
  EXPECT_FALSE(UsesUncond(guidance, 1, 1.9, 900));
  EXPECT_TRUE(UsesUncond(guidance, 2, 1.9, 900));
  guidance.skip_uncond_at_every_call = true;
  EXPECT_FALSE(UsesUncond(guidance, 2, 1.9, 900));
  guidance.min_uncond_sigma = 0;
  EXPECT_TRUE(UsesUncond(guidance, 1, 0.01, 0));
  guidance.uncond = ConditioningSchedule();
  EXPECT_FALSE(UsesUncond(guidance, 0, 5, 900));
}

TEST(GuidanceTest, SamplersOverTimestepsCompareThoseAsTheReferenceDoes) {
  const Guidance guidance{.conds = {{.conditioning = Schedule(ContextOf(1))}},
                          .uncond = Schedule(ContextOf(0)),
                          .min_uncond_sigma = 2,
                          .compares_timesteps = true};
  EXPECT_TRUE(UsesUncond(guidance, 1, 0.05, 2));
  EXPECT_FALSE(UsesUncond(guidance, 1, 14, 1));
}

TEST(GuidanceTest, ShorterPartsRepeatTheirLastVector) {
  const at::Tensor context = at::tensor({1.0f, 2.0f, 3.0f, 4.0f}).view({1, 2, 2});
  const Guidance guidance{
      .conds = {{.conditioning = Schedule(context)}, {.conditioning = Schedule(ContextOf(9, 4))}},
      .uncond = Schedule(ContextOf(0, 6))};
  const std::vector<Conditioning> conds = CondsAt(guidance, 0);
  ASSERT_EQ(conds.size(), 2u);
  EXPECT_TRUE(
      at::equal(conds[0].context,
                at::tensor({1.0f, 2.0f, 3.0f, 4.0f, 3.0f, 4.0f, 3.0f, 4.0f}).view({1, 4, 2})));
  EXPECT_TRUE(at::equal(conds[1].context, ContextOf(9, 4)));
  EXPECT_EQ(MaxTokens(guidance), 6);
}

TEST(GuidanceTest, PartsAddUpByTheirWeights) {
  const Guidance guidance{.conds = {{.conditioning = Schedule(ContextOf(1)), .weight = 1},
                                    {.conditioning = Schedule(ContextOf(2)), .weight = -0.5}},
                          .uncond = Schedule(ContextOf(0)),
                          .scale = 4};
  const at::Tensor denoised =
      Guide(guidance, {Predicted({2}), Predicted({5}), Predicted({1})}, Predicted({0}));
  EXPECT_EQ(denoised.item<double>(), 1 + 4 * (2 - 1) - 0.5 * 4 * (5 - 1));
}

TEST(GuidanceTest, WithoutTheUncondTheFirstPartTakesItsPlaceAtScaleOne) {
  const Guidance guidance{.conds = {{.conditioning = Schedule(ContextOf(1)), .weight = 0.7},
                                    {.conditioning = Schedule(ContextOf(2)), .weight = 0.5}},
                          .uncond = Schedule(ContextOf(0)),
                          .scale = 4};
  const at::Tensor denoised = Guide(guidance, {Predicted({2}), Predicted({5})}, Predicted({0}));
  EXPECT_EQ(denoised.item<double>(), 2 + 0.5 * (5 - 2));
}

// Against rescale_noise_cfg of diffusers, by hand, on the network's outputs.
TEST(GuidanceTest, RescaleGivesTheOutputTheDeviationOfScaleOne) {
  Guidance guidance{.conds = {{.conditioning = Schedule(ContextOf(1))}},
                    .uncond = Schedule(ContextOf(0)),
                    .scale = 5};
  const at::Tensor unscaled = Predicted({10, 20, 30, 40});
  const at::Tensor cond = Predicted({1, -2, 0.5, 3});
  const at::Tensor uncond = Predicted({0.5, -1, 0, 1});
  const at::Tensor guided = uncond + (cond - uncond) * 5;
  const auto deviation = [](const at::Tensor& values) {
    return at::std(values, true).item<double>();
  };
  const auto output = [&](double rescale) {
    guidance.rescale = rescale;
    return Guide(guidance, {unscaled + cond, unscaled + uncond}, unscaled) - unscaled;
  };
  EXPECT_TRUE(at::equal(output(0), unscaled + guided - unscaled));
  EXPECT_NEAR(deviation(output(1)), deviation(cond), 1e-5);
  const double factor = 0.7 * deviation(cond) / deviation(guided) + 0.3;
  EXPECT_LT((output(0.7) - guided * factor).abs().max().item<double>(), 1e-5);
}

}  // namespace
}  // namespace darkroom::diffusion
