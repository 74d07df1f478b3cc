#include <memory>
#include <vector>

#include "ATen/TensorOperators.h"
#include "ATen/ops/full_like.h"
#include "ATen/ops/zeros_like.h"
#include "gtest/gtest.h"
#include "worker/diffusion/sampling/ancestral_step.h"
#include "worker/diffusion/sampling/sampler_registry.h"
#include "worker/diffusion/sampling/sigma_schedule.h"

namespace darkroom::diffusion {
namespace {

NoiseSchedule Model() {
  return NoiseSchedule({.num_train_timesteps = 1000,
                        .beta_start = 0.00085,
                        .beta_end = 0.012,
                        .beta_schedule = BetaSchedule::kScaledLinear,
                        .steps_offset = 1});
}

class SamplersTest : public ::testing::TestWithParam<SamplerDefinition> {
 protected:
  std::unique_ptr<SamplerContext> Context(int steps) {
    return std::make_unique<SamplerContext>(KarrasSigmas(model_, steps), model_,
                                            MakeNoiseGenerator(NoiseSource::kPhilox, 5), 2, 3,
                                            at::kCPU);
  }

  const NoiseSchedule model_ = Model();
};

TEST_P(SamplersTest, AnImageThatTheDenoiserIsSureOfIsTheResult) {
  // DDIM's evenly spaced timesteps begin low: its only step would be the least noisy one.
  for (const int steps : {2, 7}) {
    const auto ctx = Context(steps);
    const at::Tensor image = at::full_like(ctx->initial_noise(), 0.5);
    Trajectory trajectory = GetParam().function(*ctx);
    for (trajectory.Start(); !trajectory.done();) trajectory.Resume(image);
    // DDIM ends at the model's smallest noise level, the others at none.
    EXPECT_LT((trajectory.result() - image).abs().max().item<float>(), 0.1) << steps;
  }
}

TEST_P(SamplersTest, StepsAreReportedAndNoiseFalls) {
  const auto ctx = Context(6);
  Trajectory trajectory = GetParam().function(*ctx);
  trajectory.Start();
  EXPECT_EQ(ctx->steps_done(), 0);
  double sigma = model_.sigma_max() + 1e-6;
  while (!trajectory.done()) {
    EXPECT_LT(trajectory.call().sigma, sigma);
    EXPECT_GE(trajectory.call().sigma, model_.sigma_min() - 1e-6);
    sigma = trajectory.call().sigma;
    const int before = ctx->steps_done();
    trajectory.Resume(at::zeros_like(trajectory.call().x));
    EXPECT_EQ(ctx->steps_done(), before + 1);
  }
  EXPECT_EQ(ctx->steps_done(), 6);
}

INSTANTIATE_TEST_SUITE_P(All, SamplersTest,
                         ::testing::ValuesIn(Samplers().begin(), Samplers().end()),
                         [](const auto& info) { return "Sampler" + std::to_string(info.index); });

TEST(AncestralStepTest, TheVariancesAddUp) {
  const AncestralStep step = SplitAncestralStep(2.0, 1.5, 1.0);
  EXPECT_NEAR(step.sigma_down * step.sigma_down + step.sigma_up * step.sigma_up, 2.25, 1e-12);
  EXPECT_GT(step.sigma_up, 0);
  EXPECT_EQ(SplitAncestralStep(2.0, 1.5, 0.0).sigma_down, 1.5);
  EXPECT_EQ(SplitAncestralStep(2.0, 0.0, 1.0).sigma_up, 0.0);
}

}  // namespace
}  // namespace darkroom::diffusion
