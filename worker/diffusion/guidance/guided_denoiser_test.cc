#include "worker/diffusion/guidance/guided_denoiser.h"

#include <cmath>
#include <vector>

#include "ATen/TensorOperators.h"
#include "ATen/ops/equal.h"
#include "ATen/ops/full.h"
#include "gtest/gtest.h"
#include "worker/diffusion/guidance/parameterization.h"

namespace darkroom::diffusion {
namespace {

const NoiseSchedule& Schedule() {
  static const NoiseSchedule schedule({.num_train_timesteps = 1000,
                                       .beta_start = 0.00085,
                                       .beta_end = 0.012,
                                       .beta_schedule = BetaSchedule::kScaledLinear});
  return schedule;
}

// Predicts the mean of its context, whatever the latent; counts its rows.
class ContextMean {
 public:
  GuidedDenoiser Denoiser() {
    return GuidedDenoiser(
        [this](const at::Tensor& sample, absl::Span<const double> timesteps,
               const at::Tensor& context) {
          rows += static_cast<int>(timesteps.size());
          last_sample = sample;
          last_timesteps.assign(timesteps.begin(), timesteps.end());
          return sample * 0 + context.mean({1, 2}).view({-1, 1, 1, 1});
        },
        Schedule(), PredictionType::kEpsilon);
  }

  int rows = 0;
  at::Tensor last_sample;
  std::vector<double> last_timesteps;
};

DenoiserCall Call(double value, double sigma) {
  return {.x = at::full({1, 4, 2, 3}, value), .sigma = sigma};
}

Guidance Context(double cond, double uncond, double scale) {
  return {
      .cond = at::full({1, 77, 2}, cond), .uncond = at::full({1, 77, 2}, uncond), .scale = scale};
}

Guidance Unguided(double cond) { return {.cond = at::full({1, 77, 2}, cond)}; }

TEST(GuidedDenoiserTest, GuidanceMovesAwayFromTheUnconditionalPrediction) {
  ContextMean network;
  const DenoiserCall call = Call(10, 2);
  const Guidance guidance = Context(1, 0.5, 3);
  const auto [denoised, without] = network.Denoiser().Denoise({{&call, &guidance}});
  // denoised = x - sigma * eps: 8 with the prompt, 9 without.
  EXPECT_TRUE(at::equal(denoised, at::full({1, 4, 2, 3}, 9.0 + 3 * (8.0 - 9.0))));
  EXPECT_TRUE(at::equal(without, at::full({1, 4, 2, 3}, 9.0)));
  EXPECT_EQ(network.rows, 2);
}

TEST(GuidedDenoiserTest, WithoutGuidanceOnlyTheConditionalRowRuns) {
  ContextMean network;
  const DenoiserCall call = Call(10, 2);
  const Guidance guidance = Unguided(1);
  const auto [denoised, without] = network.Denoiser().Denoise({{&call, &guidance}});
  EXPECT_TRUE(at::equal(denoised, at::full({1, 4, 2, 3}, 8.0)));
  EXPECT_TRUE(at::equal(without, denoised));
  EXPECT_EQ(network.rows, 1);
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
  const Guidance guidance = Context(1, 0.5, 3);
  network.Denoiser().Denoise({{&call, &guidance}});
  EXPECT_EQ(network.last_timesteps, std::vector<double>({123.5, 123.5}));
}

TEST(GuidedDenoiserTest, ARowAmongOthersIsTheSameBitForBit) {
  ContextMean network;
  const GuidedDenoiser denoiser = network.Denoiser();
  const std::vector<DenoiserCall> calls = {Call(0.3, 14), Call(-1.7, 0.4), Call(5.1, 2.2)};
  const std::vector<Guidance> guidance = {Context(0.1, 0.7, 7.5), Unguided(0.3),
                                          Context(0.9, -0.2, 1.5)};
  std::vector<GuidedCall> rows;
  for (int i = 0; i < 3; ++i) rows.push_back({&calls[i], &guidance[i]});
  const Prediction together = denoiser.Denoise(rows);
  ASSERT_EQ(together.denoised.size(0), 3);
  for (int i = 0; i < 3; ++i) {
    const Prediction alone = denoiser.Denoise({{&calls[i], &guidance[i]}});
    EXPECT_TRUE(at::equal(together.denoised.narrow(0, i, 1), alone.denoised)) << i;
    EXPECT_TRUE(at::equal(together.uncond.narrow(0, i, 1), alone.uncond)) << i;
  }
}

TEST(ParameterizationTest, BothPredictionsGiveBackTheImage) {
  // x = image + sigma * noise; v = (noise - sigma * image) / sqrt(sigma^2 + 1).
  const double image = 0.8;
  const double noise = -1.3;
  for (const double sigma : {0.03, 1.0, 14.6}) {
    const double x = image + sigma * noise;
    const Parameterization epsilon = Parameterize(PredictionType::kEpsilon, sigma);
    EXPECT_NEAR(epsilon.c_skip * x + epsilon.c_out * noise, image, 1e-9);
    const Parameterization velocity = Parameterize(PredictionType::kVPrediction, sigma);
    const double v = (noise - sigma * image) / std::sqrt(sigma * sigma + 1);
    EXPECT_NEAR(velocity.c_skip * x + velocity.c_out * v, image, 1e-9);
  }
}

}  // namespace
}  // namespace darkroom::diffusion
