// Compares schedules, noise and whole trajectories with k-diffusion, diffusers and torch; the data
// is made by make_sampling_goldens.py.

#include <cmath>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "ATen/TensorOperators.h"
#include "ATen/ops/cat.h"
#include "ATen/ops/empty.h"
#include "ATen/ops/tanh.h"
#include "absl/strings/str_cat.h"
#include "c10/core/InferenceMode.h"
#include "gtest/gtest.h"
#include "worker/diffusion/guidance/guided_denoiser.h"
#include "worker/diffusion/model/sd1_model.h"
#include "worker/diffusion/sampling/sampler_registry.h"
#include "worker/diffusion/sampling/sigma_schedule.h"
#include "worker/diffusion/weights/safetensors.h"

namespace darkroom::diffusion {
namespace {

constexpr int kSeed = 1234;
constexpr int kSteps[] = {1, 5, 20, 31};
// Latents are [1, 4, 4, 6].
constexpr int kHeight = 4;
constexpr int kWidth = 6;

class SamplingGoldenTest : public ::testing::Test {
 protected:
  const TensorView& View(const std::string& name) const {
    const auto found = goldens_.tensors().find(name);
    EXPECT_NE(found, goldens_.tensors().end()) << name;
    return found->second;
  }

  std::vector<float> Values(const std::string& name) const {
    const TensorView& view = View(name);
    EXPECT_EQ(view.type, TensorType::kF32);
    std::vector<float> values(view.bytes.size() / sizeof(float));
    std::memcpy(values.data(), view.bytes.data(), view.bytes.size());
    return values;
  }

  at::Tensor Tensor(const std::string& name) const {
    const TensorView& view = View(name);
    at::Tensor tensor = at::empty(view.shape, at::kFloat);
    std::memcpy(tensor.mutable_data_ptr(), view.bytes.data(), view.bytes.size());
    return tensor;
  }

  const SafetensorsFile goldens_ =
      SafetensorsFile::Open("tests/golden/sampling/sampling.safetensors").value();
  const NoiseSchedule model_{{.num_train_timesteps = 1000,
                              .beta_start = 0.00085,
                              .beta_end = 0.012,
                              .beta_schedule = BetaSchedule::kScaledLinear,
                              .steps_offset = 1}};
};

// The exact denoiser of data whose every element is drawn from N(−1, 0.25) or N(1, 0.25).
at::Tensor PosteriorMean(const DenoiserCall& call) {
  const double variance = call.sigma * call.sigma;
  const double total = 0.25 + variance;
  return (call.x * 0.25 + at::tanh(call.x / total) * variance) / total;
}

double RelativeError(const at::Tensor& actual, const at::Tensor& expected) {
  return (actual - expected).norm().item<double>() / expected.norm().item<double>();
}

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
    EXPECT_NEAR(model_.Timestep(sigmas[i]), expected[i], 5e-4) << sigmas[i];
  }
}

// What a sampler asks on its way, then its result.
template <typename Denoiser>
std::vector<at::Tensor> Visit(SamplerFunction sampler, SamplerContext& ctx,
                              const Denoiser& denoiser) {
  std::vector<at::Tensor> visited;
  Trajectory trajectory = sampler(ctx);
  for (trajectory.Start(); !trajectory.done();) {
    visited.push_back(trajectory.call().x);
    trajectory.Resume(denoiser(trajectory.call()));
  }
  visited.push_back(trajectory.result());
  return visited;
}

void ExpectVisits(const std::vector<at::Tensor>& actual, const at::Tensor& expected,
                  double tolerance, const std::string& name) {
  ASSERT_EQ(static_cast<int>(actual.size()), expected.size(0)) << name;
  for (std::size_t i = 0; i < actual.size(); ++i) {
    EXPECT_LT(RelativeError(actual[i], expected.narrow(0, static_cast<int>(i), 1)), tolerance)
        << name << " " << i;
  }
}

TEST_F(SamplingGoldenTest, EveryPointOfEveryTrajectoryIsTheReferences) {
  for (const SamplerDefinition& sampler : Samplers()) {
    for (const absl::string_view name : {"Uniform", "Karras"}) {
      const SigmaScheduleDefinition& schedule = *FindSigmaSchedule(name);
      if (sampler.name == "DDIM" && schedule.name != "Uniform") continue;  // it ignores sigmas
      for (const int steps : kSteps) {
        const std::string golden =
            absl::StrCat("trajectory/", sampler.name, "/", schedule.name, "/", steps);
        SamplerContext ctx(schedule.sigmas(model_, steps), model_,
                           MakeNoiseGenerator(NoiseSource::kPhilox, kSeed), kHeight, kWidth,
                           at::kCPU);
        ExpectVisits(Visit(sampler.function, ctx, PosteriorMean), Tensor(golden), 1e-5, golden);
      }
    }
  }
}

TEST_F(SamplingGoldenTest, GuidedTrajectoriesOfAUNetAreTheReferences) {
  const c10::InferenceMode inference;
  const std::unique_ptr<Sd1Model> tiny = Sd1Model::Load("tests/golden/tiny_model", {}).value();
  const GuidedDenoiser denoiser(
      [&](const at::Tensor& sample, absl::Span<const double> timesteps, const at::Tensor& context) {
        return tiny->unet().Forward(sample, timesteps, context);
      },
      model_, PredictionType::kEpsilon);
  const Guidance guidance{.conds = {{.context = ContextSchedule(Tensor("guided/cond"))}},
                          .uncond = ContextSchedule(Tensor("guided/uncond")),
                          .scale = 5};
  for (const SamplerDefinition& sampler : Samplers()) {
    const std::string name = absl::StrCat("guided/", sampler.name);
    SamplerContext ctx(KarrasSigmas(model_, 20), model_,
                       MakeNoiseGenerator(NoiseSource::kPhilox, kSeed), kHeight, kWidth, at::kCPU);
    const auto denoise = [&](const DenoiserCall& call) {
      return denoiser.Denoise({{.call = &call, .guidance = &guidance}});
    };
    ExpectVisits(Visit(sampler.function, ctx, denoise), Tensor(name), 1e-4, name);
  }
}

}  // namespace
}  // namespace darkroom::diffusion
