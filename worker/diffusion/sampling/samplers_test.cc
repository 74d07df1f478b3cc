#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "ATen/TensorOperators.h"
#include "ATen/ops/equal.h"
#include "ATen/ops/full_like.h"
#include "ATen/ops/tanh.h"
#include "gtest/gtest.h"
#include "worker/diffusion/sampling/ancestral_step.h"
#include "worker/diffusion/sampling/sampler_registry.h"
#include "worker/diffusion/sampling/sigma_schedule.h"

namespace darkroom::diffusion {
namespace {

constexpr int kSeed = 5;
constexpr int kValues = 4 * 2 * 3;  // of a latent

NoiseSchedule Model() {
  return NoiseSchedule({.num_train_timesteps = 1000,
                        .beta_start = 0.00085,
                        .beta_end = 0.012,
                        .beta_schedule = BetaSchedule::kScaledLinear});
}

// Counts the draws.
class CountedNoise : public NoiseGenerator {
 public:
  explicit CountedNoise(int* draws) : draws_(draws) {}

  void Draw(absl::Span<float> values) override {
    ++*draws_;
    generator_->Draw(values);
  }

 private:
  int* draws_;
  const std::unique_ptr<NoiseGenerator> generator_ =
      MakeNoiseGenerator(NoiseSource::kPhilox, kSeed);
};

class SamplersTest : public ::testing::TestWithParam<SamplerDefinition> {
 protected:
  std::unique_ptr<SamplerContext> Context(int steps, absl::string_view schedule = "Karras") {
    return std::make_unique<SamplerContext>(
        model_, SamplerInput{.sigmas = ResolveSigmas(GetParam(), schedule, model_, steps).value(),
                             .generator = std::make_unique<CountedNoise>(&draws_),
                             .seed = kSeed,
                             .options = {.eta = GetParam().facts().default_eta},
                             .height = 2,
                             .width = 3});
  }

  // Of a denoiser that pulls each value towards −1 or 1.
  at::Tensor Sample(SamplerContext& ctx) {
    Trajectory trajectory = GetParam().function(ctx);
    for (trajectory.Start(); !trajectory.done();) {
      trajectory.Resume(at::tanh(trajectory.call().x));
    }
    return trajectory.result();
  }

  const NoiseSchedule model_ = Model();
  int draws_ = 0;
};

TEST_P(SamplersTest, AnImageThatTheDenoiserIsSureOfIsTheResult) {
  // DDIM and PLMS leave the noise of the second of the model's levels, some the first's, most none.
  const double rest = 4 * model_.Sigma(1);
  for (const int steps : {2, 7, 24, 40}) {
    const auto ctx = Context(steps);
    const at::Tensor image = at::full_like(ctx->initial_noise(), 0.5);
    Trajectory trajectory = GetParam().function(*ctx);
    for (trajectory.Start(); !trajectory.done();) trajectory.Resume(image);
    EXPECT_LT((trajectory.result() - image).abs().max().item<float>(), rest) << steps;
  }
}

TEST_P(SamplersTest, EveryStepIsReportedAndCallsStayWithinTheModelsLevels) {
  for (const int steps : {6, 31, 150}) {
    const auto ctx = Context(steps);
    Trajectory trajectory = GetParam().function(*ctx);
    trajectory.Start();
    EXPECT_EQ(ctx->steps_done(), 0);
    while (!trajectory.done()) {
      EXPECT_LT(trajectory.call().sigma, model_.sigma_max() + 1e-4);
      EXPECT_GT(trajectory.call().sigma, model_.sigma_min() - 1e-4);
      const int before = ctx->steps_done();
      trajectory.Resume(at::tanh(trajectory.call().x));
      EXPECT_GE(ctx->steps_done(), before);
    }
    EXPECT_EQ(ctx->steps_done(), steps);
  }
}

TEST_P(SamplersTest, TheSameRequestGivesTheSamePicture) {
  const auto one = Context(9);
  const auto two = Context(9);
  EXPECT_TRUE(at::equal(Sample(*one), Sample(*two)));
}

TEST_P(SamplersTest, TheFirstCallSeesTheFirstDraw) {
  const auto ctx = Context(9);
  EXPECT_EQ(draws_, 1);
  std::vector<float> expected(kValues);
  MakeNoiseGenerator(NoiseSource::kPhilox, kSeed)->Draw(absl::MakeSpan(expected));
  const auto* values = ctx->initial_noise().const_data_ptr<float>();
  EXPECT_EQ(std::vector<float>(values, values + kValues), expected);

  Trajectory trajectory = GetParam().function(*ctx);
  trajectory.Start();
  EXPECT_EQ(draws_, 1);
  // Those on timesteps scale the noise to the variance that an image with noise would have.
  const at::Tensor& x = trajectory.call().x;
  const double scale = x.std().item<double>() / ctx->initial_noise().std().item<double>();
  EXPECT_NEAR(scale / trajectory.call().sigma, 1, GetParam().facts().over_timesteps ? 0.01 : 1e-4);
}

TEST_P(SamplersTest, NoNoiseIsDrawnForWhatRoundingMakesOfTheFirstLevel) {
  for (const absl::string_view schedule : naming::Schedules()) {
    for (int steps = 20; steps <= 40; ++steps) {
      draws_ = 0;
      const auto ctx = Context(steps, schedule);
      Trajectory trajectory = GetParam().function(*ctx);
      trajectory.Start();
      EXPECT_EQ(draws_, 1) << schedule << " " << steps;
    }
  }
}

// The timesteps that LCM tells the model in so many steps.
std::vector<double> LcmTimesteps(int steps) {
  const NoiseSchedule model = Model();
  const SamplerDefinition& lcm = *FindSampler("LCM");
  SamplerContext ctx(model, {.sigmas = ResolveSigmas(lcm, "Automatic", model, steps).value(),
                             .generator = MakeNoiseGenerator(NoiseSource::kPhilox, kSeed),
                             .seed = kSeed,
                             .height = 2,
                             .width = 3});
  std::vector<double> timesteps;
  Trajectory trajectory = lcm.function(ctx);
  for (trajectory.Start(); !trajectory.done();) {
    timesteps.push_back(trajectory.call().timestep.value_or(-1));
    trajectory.Resume(at::tanh(trajectory.call().x));
  }
  return timesteps;
}

// `expected`, but of a timestep in the middle between two known ones either: the last bit of the
// processor's logarithm decides, here as in the reference, and processors differ in it.
void ExpectTimesteps(const std::vector<double>& expected) {
  const auto steps = static_cast<int>(expected.size());
  const std::vector<double> timesteps = LcmTimesteps(steps);
  ASSERT_EQ(timesteps.size(), expected.size());
  for (int i = 0; i < steps; ++i) {
    const double even = 999 - 980.0 * i / (steps - 1);
    const double distance = std::abs(expected[i] - even);
    if (distance < 10 - 1e-9) {
      EXPECT_EQ(timesteps[i], expected[i]) << i << " of " << steps;
    } else {
      EXPECT_NEAR(timesteps[i], even, distance + 1e-9) << i << " of " << steps;
    }
  }
}

// As AUTOMATIC1111's LCMCompVisDenoiser on its get_sigmas, on the processor that made the lists.
TEST(LcmTest, TimestepsAreTheKnownOnesNearestToEvenOnes) {
  // Even between 999 and 19 are 754, 509 and 264; every twentieth is known.
  ExpectTimesteps({999, 759, 499, 259, 19});
  ExpectTimesteps({999, 919, 859, 799, 719, 659, 579, 499, 439, 379, 299, 239, 159, 79, 19});
  ExpectTimesteps({999, 959, 939, 899, 859, 839, 799, 779, 739, 699, 679, 639, 599, 579, 539, 519,
                   479, 439, 419, 379, 339, 319, 279, 239, 219, 179, 159, 119, 79,  59,  19});
}

TEST_P(SamplersTest, StepNoiseIsDrawnAsOftenAsTheReferenceDraws) {
  const std::map<absl::string_view, int> expected = {
      {"Euler a", 5},     // not in the last step
      {"DPM2 a", 5},      //
      {"DPM++ 2S a", 5},  //
      {"DPM fast", 3},    // steps of order 3, 2 and 1
      {"LCM", 5},
  };
  if (GetParam().name == "DPM adaptive") return;  // as often as it accepts a step
  const auto ctx = Context(6);
  Sample(*ctx);
  const auto found = expected.find(GetParam().name);
  EXPECT_EQ(draws_ - 1, found == expected.end() ? 0 : found->second);
}

INSTANTIATE_TEST_SUITE_P(All, SamplersTest,
                         ::testing::ValuesIn(Samplers().begin(), Samplers().end()),
                         [](const auto& info) { return "Sampler" + std::to_string(info.index); });

SamplerInput Input() {
  return {.sigmas = {14.6, 3, 0.03, 0},
          .generator = MakeNoiseGenerator(NoiseSource::kPhilox, kSeed),
          .seed = kSeed,
          .height = 2,
          .width = 3};
}

TEST(SamplerContextTest, ASkippedDrawMovesTheNextOne) {
  const NoiseSchedule model = Model();
  SamplerContext skipping(model, Input());
  SamplerContext drawing(model, Input());
  skipping.SkipStepNoise();
  drawing.StepNoise();
  EXPECT_TRUE(at::equal(skipping.StepNoise(), drawing.StepNoise()));
  EXPECT_TRUE(at::equal(skipping.StepNoise(), drawing.StepNoise()));
}

TEST(SamplerContextTest, BrownianNoiseIsTheFallOfTheMotionInUnits) {
  const NoiseSchedule model = Model();
  SamplerContext ctx(model, Input());
  BrownianTree tree(NoiseSource::kPhilox, kSeed, 0.03f, 14.6f, kValues);
  std::vector<float> increment(kValues);
  tree.Increment(0.25, 4.25, absl::MakeSpan(increment));
  const at::Tensor noise = ctx.BrownianNoise(4.25, 0.25);
  for (int i = 0; i < kValues; ++i) {
    EXPECT_FLOAT_EQ(noise.const_data_ptr<float>()[i], -increment[i] / 2);
  }
}

TEST(AncestralStepTest, TheVariancesAddUp) {
  const AncestralStep step = SplitAncestralStep(2.0, 1.5, 1.0);
  EXPECT_NEAR(step.sigma_down * step.sigma_down + step.sigma_up * step.sigma_up, 2.25, 1e-12);
  EXPECT_GT(step.sigma_up, 0);
  EXPECT_EQ(SplitAncestralStep(2.0, 1.5, 0.0).sigma_down, 1.5);
  EXPECT_EQ(SplitAncestralStep(2.0, 0.0, 1.0).sigma_up, 0.0);
}

}  // namespace
}  // namespace darkroom::diffusion
