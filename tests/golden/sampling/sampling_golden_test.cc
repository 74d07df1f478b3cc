// Compares schedules, noise and whole trajectories with k-diffusion, AUTOMATIC1111, diffusers and
// torch; the data is made by make_sampling_goldens.py.

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "ATen/TensorOperators.h"
#include "absl/strings/str_cat.h"
#include "c10/core/InferenceMode.h"
#include "gtest/gtest.h"
#include "tests/golden/sampling/golden_runs.h"
#include "worker/diffusion/guidance/guided_denoiser.h"
#include "worker/diffusion/model/diffusion_model.h"

namespace darkroom::diffusion {
namespace {

constexpr double kTolerance = 1e-4;

class SamplingGoldenTest : public ::testing::Test {
 protected:
  std::vector<float> Values(const std::string& name) const {
    const at::Tensor tensor = goldens_.Get(name);
    const auto* data = tensor.const_data_ptr<float>();
    return std::vector<float>(data, data + tensor.numel());
  }

  const SamplingGoldens goldens_ =
      SamplingGoldens::Open("tests/golden/sampling/sampling.safetensors").value();
};

TEST_F(SamplingGoldenTest, NoiseIsThatOfCudaAndOfTorchOnTheCpu) {
  for (const std::uint64_t seed : {0ull, 42ull, (1ull << 32) + 5}) {
    for (const auto& [name, source] :
         {std::pair{"philox", NoiseSource::kPhilox}, std::pair{"mt19937", NoiseSource::kMt19937}}) {
      const auto generator = MakeNoiseGenerator(source, seed);
      for (int draw = 0; draw < 5; ++draw) {
        const std::vector<float> expected = Values(absl::StrCat(name, "/", seed, "/", draw));
        std::vector<float> actual(expected.size());
        generator->Draw(absl::MakeSpan(actual));
        for (std::size_t i = 0; i < expected.size(); ++i) {
          // torch's vectorised log and sine differ from the C library's in the last bits.
          EXPECT_NEAR(actual[i], expected[i], source == NoiseSource::kPhilox ? 0 : 2e-6)
              << name << " seed " << seed << " draw " << draw << " element " << i;
        }
      }
    }
  }
}

TEST_F(SamplingGoldenTest, FractionalTimestepsAreThoseOfKDiffusion) {
  const std::vector<float> sigmas = Values("sigma_to_t/sigma");
  const std::vector<float> expected = Values("sigma_to_t/t");
  for (std::size_t i = 0; i < sigmas.size(); ++i) {
    // A timestep is 0.5 % of a sigma: float32 logarithms cost up to 1e-4 of one.
    EXPECT_NEAR(goldens_.model().Timestep(sigmas[i]), expected[i], 5e-4) << sigmas[i];
  }
}

// Where the golden file has the result alone, only that is compared. --gtest_output=json:FILE tells
// how near each trajectory comes.
void ExpectVisits(std::vector<at::Tensor> actual, const at::Tensor& expected,
                  const std::string& name) {
  if (expected.size(0) == 1) actual.erase(actual.begin(), actual.end() - 1);
  ASSERT_EQ(static_cast<int>(actual.size()), expected.size(0)) << name;
  double worst = 0;
  for (std::size_t i = 0; i < actual.size(); ++i) {
    const double error = RelativeError(actual[i], expected.narrow(0, static_cast<int>(i), 1));
    EXPECT_LT(error, kTolerance) << name << " " << i;
    worst = std::max(worst, error);
  }
  ::testing::Test::RecordProperty(name, absl::StrCat(worst));
}

void ExpectEverySampler(const std::vector<GoldenRun>& runs, int at_least) {
  for (const SamplerDefinition& sampler : Samplers()) {
    EXPECT_GE(std::count_if(runs.begin(), runs.end(),
                            [&](const GoldenRun& run) { return run.sampler == &sampler; }),
              at_least)
        << sampler.name;
  }
}

TEST_F(SamplingGoldenTest, EveryPointOfEveryTrajectoryIsTheReferences) {
  const std::vector<GoldenRun> runs = goldens_.Runs("trajectory");
  ExpectEverySampler(runs, 3);
  for (const GoldenRun& run : runs) {
    const auto ctx = goldens_.Context(run, {.eta = run.sampler->facts().default_eta});
    const auto denoise = [&](const DenoiserCall& call) { return Analytic(call, *run.sampler); };
    ExpectVisits(Visit(run.sampler->function, *ctx, denoise), goldens_.Get(run.golden), run.golden);
  }
}

TEST_F(SamplingGoldenTest, OptionsDoWhatTheyDoInTheReferences) {
  const std::vector<GoldenRun> runs = goldens_.Runs("settings");
  ExpectEverySampler(runs, 1);
  const SamplerOptions options{
      .eta = 0.6, .s_churn = 8, .s_tmin = 0.4, .s_tmax = 9, .s_noise = 1.005};
  for (const GoldenRun& run : runs) {
    const auto ctx = goldens_.Context(run, options);
    const auto denoise = [&](const DenoiserCall& call) { return Analytic(call, *run.sampler); };
    ExpectVisits(Visit(run.sampler->function, *ctx, denoise), goldens_.Get(run.golden), run.golden);
  }
}

TEST_F(SamplingGoldenTest, DdimIsDiffusersUpToItsLastStep) {
  const SamplerDefinition& ddim = *FindSampler("DDIM");
  for (const int steps : {5, 20}) {
    const GoldenRun run{.golden = absl::StrCat("diffusers/DDIM/", steps),
                        .sampler = &ddim,
                        .schedule = "Uniform",
                        .steps = steps};
    const auto ctx = goldens_.Context(run, {.eta = ddim.facts().default_eta});
    std::vector<at::Tensor> actual = Visit(ddim.function, *ctx, PosteriorMean);
    // Its result is where diffusers asks once more, whose call is scaled to the picture's size.
    actual.back() = actual.back() / std::sqrt(goldens_.model().alpha_cumprod(1));
    ExpectVisits(actual, goldens_.Get(run.golden).narrow(0, 0, steps), run.golden);
  }
}

TEST_F(SamplingGoldenTest, GuidedTrajectoriesOfAUNetAreTheReferences) {
  const c10::InferenceMode inference;
  const std::unique_ptr<DiffusionModel> tiny =
      DiffusionModel::Load("tests/golden/tiny_model", {}).value();
  const GuidedDenoiser denoiser(
      [&](const at::Tensor& sample, absl::Span<const double> timesteps, const Conditioning& told,
          const RowAdapters*) { return tiny->unet().Forward(sample, timesteps, told.context); },
      goldens_.model(), PredictionType::kEpsilon);
  for (const SamplerDefinition& sampler : Samplers()) {
    const GoldenRun run{.golden = absl::StrCat("guided/", sampler.name),
                        .sampler = &sampler,
                        .schedule = "Karras",
                        .steps = 20};
    const Guidance guidance{
        .conds = {{.conditioning = ConditioningSchedule({.context = goldens_.Get("guided/cond")})}},
        .uncond = ConditioningSchedule({.context = goldens_.Get("guided/uncond")}),
        .scale = 5 * sampler.guidance_factor};
    const auto ctx = goldens_.Context(run, {.eta = sampler.facts().default_eta});
    const auto denoise = [&](const DenoiserCall& call) {
      return denoiser.Denoise({{.call = &call, .guidance = &guidance}});
    };
    ExpectVisits(Visit(sampler.function, *ctx, denoise), goldens_.Get(run.golden), run.golden);
  }
}

}  // namespace
}  // namespace darkroom::diffusion
