#include "worker/diffusion/guidance/guided_denoiser.h"

#include <cmath>
#include <cstddef>
#include <vector>

#include "ATen/TensorOperators.h"
#include "ATen/ops/arange.h"
#include "ATen/ops/equal.h"
#include "ATen/ops/full.h"
#include "ATen/ops/sin.h"
#include "ATen/ops/tensor.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace darkroom::diffusion {
namespace {

using ::testing::ElementsAre;

const NoiseSchedule& Schedule() {
  static const NoiseSchedule schedule({.num_train_timesteps = 1000,
                                       .beta_start = 0.00085,
                                       .beta_end = 0.012,
                                       .beta_schedule = BetaSchedule::kScaledLinear});
  return schedule;
}

// Predicts the mean of its context, whatever the latent; remembers the rows of every forward.
class ContextMean {
 public:
  GuidedDenoiser Denoiser(PredictionType prediction = PredictionType::kEpsilon) {
    return GuidedDenoiser(
        [this](const at::Tensor& sample, absl::Span<const double> timesteps,
               const Conditioning& conditioning, const RowAdapters*) {
          forwards.push_back(static_cast<int>(timesteps.size()));
          last_sample = sample;
          last_timesteps.assign(timesteps.begin(), timesteps.end());
          return sample * 0 + conditioning.context.mean({1, 2}).view({-1, 1, 1, 1});
        },
        Schedule(), prediction);
  }

  std::vector<int> forwards;
  at::Tensor last_sample;
  std::vector<double> last_timesteps;
};

DenoiserCall Call(double value, double sigma) {
  return {.x = at::full({1, 4, 2, 3}, value), .sigma = sigma};
}

ConditioningSchedule Context(double value, int tokens = 77) {
  return ConditioningSchedule({.context = at::full({1, tokens, 2}, value)});
}

Guidance Guided(double cond, double uncond, double scale) {
  return {.conds = {{.conditioning = Context(cond)}}, .uncond = Context(uncond), .scale = scale};
}

Guidance Unguided(double cond) { return {.conds = {{.conditioning = Context(cond)}}}; }

TEST(GuidedDenoiserTest, GuidanceMovesAwayFromTheUnconditionalPrediction) {
  ContextMean network;
  const DenoiserCall call = Call(10, 2);
  const Guidance guidance = Guided(1, 0.5, 3);
  const auto [denoised, without] = network.Denoiser().Denoise({{&call, &guidance}});
  // denoised = x - sigma * eps: 8 with the prompt, 9 without.
  EXPECT_TRUE(at::equal(denoised, at::full({1, 4, 2, 3}, 9.0 + 3 * (8.0 - 9.0))));
  EXPECT_TRUE(at::equal(without, at::full({1, 4, 2, 3}, 9.0)));
  EXPECT_THAT(network.forwards, ElementsAre(2));
}

TEST(GuidedDenoiserTest, WithoutGuidanceOnlyTheConditionalRowRuns) {
  ContextMean network;
  const DenoiserCall call = Call(10, 2);
  const Guidance guidance = Unguided(1);
  const auto [denoised, without] = network.Denoiser().Denoise({{&call, &guidance}});
  EXPECT_TRUE(at::equal(denoised, at::full({1, 4, 2, 3}, 8.0)));
  EXPECT_TRUE(at::equal(without, denoised));
  EXPECT_THAT(network.forwards, ElementsAre(1));
}

TEST(GuidedDenoiserTest, TheNetworkSeesUnitVarianceAndTheModelsTimestep) {
  ContextMean network;
  const DenoiserCall call = Call(10, 2);
  const Guidance guidance = Unguided(0);
  network.Denoiser().Denoise({{&call, &guidance}});
  EXPECT_NEAR(network.last_sample.mean().item<double>(), 10 / std::sqrt(5.0), 1e-5);
  ASSERT_EQ(network.last_timesteps.size(), 1u);
  EXPECT_EQ(network.last_timesteps[0], Schedule().Timestep(2));
}

TEST(GuidedDenoiserTest, ASamplerMayNameTheTimestep) {
  ContextMean network;
  DenoiserCall call = Call(10, 2);
  call.timestep = 123.5;
  const Guidance guidance = Guided(1, 0.5, 3);
  network.Denoiser().Denoise({{&call, &guidance}});
  EXPECT_EQ(network.last_timesteps, std::vector<double>({123.5, 123.5}));
}

TEST(GuidedDenoiserTest, AVelocityNetworkIsScaledForItself) {
  ContextMean network;
  const DenoiserCall call = Call(10, 2);
  const Guidance guidance = Unguided(1);
  const at::Tensor denoised =
      network.Denoiser(PredictionType::kVPrediction).Denoise({{&call, &guidance}}).denoised;
  EXPECT_NEAR(denoised.mean().item<double>(), 10 / 5.0 - 2 / std::sqrt(5.0), 1e-5);
}

TEST(GuidedDenoiserTest, TheNumberOfTheCallChoosesTheContextAndTheHalves) {
  ContextMean network;
  const DenoiserCall call = Call(10, 2);
  const Guidance guidance{
      .conds = {{.conditioning = ConditioningSchedule(std::vector<ConditioningSchedule::Variant>{
                     {.last_call = 0, .conditioning = {at::full({1, 77, 2}, 1.0)}},
                     {.last_call = 9, .conditioning = {at::full({1, 77, 2}, 2.0)}}})}},
      .uncond = Context(0),
      .scale = 2,
      .min_uncond_sigma = 3};
  const GuidedDenoiser denoiser = network.Denoiser();
  const auto at_call = [&](int number) {
    return denoiser.Denoise({{&call, &guidance, number}}).denoised.mean().item<double>();
  };
  EXPECT_EQ(at_call(0), 10 - 2 * 2);      // 10 without the prompt, 8 with: twice the way
  EXPECT_EQ(at_call(1), 10 - 2 * 2);      // the second context alone
  EXPECT_EQ(at_call(2), 10 - 2 * 2 * 2);  // with guidance again
  EXPECT_THAT(network.forwards, ElementsAre(2, 1, 2));
}

TEST(GuidedDenoiserTest, ContextsOfOtherLengthsAreAForwardOfTheirOwn) {
  ContextMean network;
  const DenoiserCall call = Call(10, 2);
  const Guidance longer{
      .conds = {{.conditioning = Context(1, 154)}}, .uncond = Context(0.5), .scale = 3};
  const Guidance shorter = Guided(1, 0.5, 3);
  const GuidedDenoiser denoiser = network.Denoiser();
  const at::Tensor together = denoiser.Denoise({{&call, &longer}, {&call, &shorter}}).denoised;
  EXPECT_THAT(network.forwards, ElementsAre(3, 1));
  EXPECT_TRUE(at::equal(together[0], together[1]));
}

// Three parts of different lengths, one of negative weight.
Guidance Composed() {
  return {.conds = {{.conditioning = Context(0.4), .weight = 1.1},
                    {.conditioning = Context(-0.9, 154), .weight = -0.3},
                    {.conditioning = Context(0.2), .weight = 0.6}},
          .uncond = Context(0.1),
          .scale = 6,
          .rescale = 0.7};
}

// What the network answers depends on everything that a row has.
at::Tensor EntangledNetwork(const at::Tensor& sample, absl::Span<const double> timesteps,
                            const Conditioning& conditioning, const RowAdapters*) {
  std::vector<double> times(timesteps.begin(), timesteps.end());
  const at::Tensor time = at::tensor(times, at::kFloat).view({-1, 1, 1, 1}) * 1e-3;
  return at::sin(sample * 3 + time) +
         conditioning.context.mean({1, 2}).view({-1, 1, 1, 1}) * sample;
}

TEST(GuidedDenoiserTest, ACallAmongOthersIsTheSameBitForBit) {
  const GuidedDenoiser denoiser(EntangledNetwork, Schedule(), PredictionType::kVPrediction);
  std::vector<DenoiserCall> calls = {Call(0.3, 14), Call(-1.7, 0.4), Call(5.1, 2.2), Call(0.9, 1)};
  for (DenoiserCall& call : calls) call.x = call.x + at::arange(24).view({1, 4, 2, 3}) * 0.1;
  Guidance skipping = Guided(0.9, -0.2, 1.5);
  skipping.min_uncond_sigma = 3;
  const std::vector<Guidance> guidance = {Guided(0.1, 0.7, 7.5), Unguided(0.3), skipping,
                                          Composed()};
  std::vector<GuidedCall> rows;
  for (int i = 0; i < 4; ++i) rows.push_back({&calls[i], &guidance[i], i + 1});
  for (const std::size_t max_forward_rows : {1, 2, 3, 100}) {
    const Prediction together = denoiser.Denoise(rows, max_forward_rows);
    ASSERT_EQ(together.denoised.size(0), 4);
    for (int i = 0; i < 4; ++i) {
      const Prediction alone = denoiser.Denoise({rows[i]});
      EXPECT_TRUE(at::equal(together.denoised.narrow(0, i, 1), alone.denoised))
          << i << " " << max_forward_rows;
      EXPECT_TRUE(at::equal(together.uncond.narrow(0, i, 1), alone.uncond)) << i;
    }
  }
}

TEST(GuidedDenoiserTest, EveryRowHasTheVectorOfItsText) {
  const auto told = [](double value) {
    return ConditioningSchedule(
        {.context = at::full({1, 77, 2}, 0.0), .vector = at::full({1, 3}, value)});
  };
  at::Tensor vectors;
  const GuidedDenoiser denoiser(
      [&vectors](const at::Tensor& sample, absl::Span<const double>, const Conditioning& given,
                 const RowAdapters*) {
        vectors = given.vector;
        return sample * 0 + given.vector.mean(1).view({-1, 1, 1, 1});
      },
      Schedule(), PredictionType::kEpsilon);
  const DenoiserCall call = Call(10, 2);
  const Guidance parts{
      .conds = {{.conditioning = told(1), .weight = 0.5}, {.conditioning = told(2), .weight = 0.5}},
      .uncond = told(0.5),
      .scale = 3};
  const Guidance other{.conds = {{.conditioning = told(4)}}};
  const at::Tensor denoised = denoiser.Denoise({{&call, &parts}, {&call, &other}}).denoised;
  EXPECT_TRUE(at::equal(vectors.select(1, 0), at::tensor({1.0, 2.0, 0.5, 4.0}, at::kFloat)));
  EXPECT_EQ(denoised[0].mean().item<double>(), 9 + 3 * (0.5 * (8 - 9) + 0.5 * (6 - 9)));
  EXPECT_EQ(denoised[1].mean().item<double>(), 10 - 2 * 4);
}

TEST(GuidedDenoiserTest, ANeighbourThatIsNotFiniteStaysAlone) {
  const GuidedDenoiser denoiser(EntangledNetwork, Schedule(), PredictionType::kEpsilon);
  const DenoiserCall good = Call(0.3, 2);
  const DenoiserCall bad = Call(std::nan(""), 2);
  const Guidance guidance = Composed();
  const at::Tensor together = denoiser.Denoise({{&bad, &guidance}, {&good, &guidance}}).denoised;
  EXPECT_TRUE(at::equal(together.narrow(0, 1, 1), denoiser.Denoise({{&good, &guidance}}).denoised));
}

TEST(GuidedDenoiserTest, NoForwardHasMoreRowsThanAllowed) {
  ContextMean network;
  const DenoiserCall call = Call(1, 2);
  const Guidance guidance = Guided(1, 0, 2);
  const GuidedDenoiser denoiser = network.Denoiser();
  denoiser.Denoise({{&call, &guidance}, {&call, &guidance}, {&call, &guidance}}, 4);
  EXPECT_THAT(network.forwards, ElementsAre(4, 2));
}

}  // namespace
}  // namespace darkroom::diffusion
