// Compares schedules, noise and whole trajectories with k-diffusion, AUTOMATIC1111, diffusers and
// torch; the data is made by make_sampling_goldens.py.

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "ATen/TensorOperators.h"
#include "ATen/ops/empty.h"
#include "ATen/ops/tanh.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
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
// Latents are [1, 4, 2, 4].
constexpr int kHeight = 2;
constexpr int kWidth = 4;
constexpr double kTolerance = 1e-4;

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

  // The context of a job as the backend makes it. Where the noise is a Brownian motion the sigmas
  // are the reference's float32 ones: moving them by a last bit changes the noise by 1e-3, and what
  // schedules are worth is compared elsewhere.
  std::unique_ptr<SamplerContext> Context(const SamplerDefinition& sampler,
                                          const std::string& golden, const std::string& schedule,
                                          int steps, const SamplerOptions& options) const {
    std::vector<double> sigmas;
    if (sampler.brownian_noise) {
      for (const float sigma : Values(absl::StrCat("sigmas of ", golden))) sigmas.push_back(sigma);
    } else {
      sigmas = ResolveSigmas(sampler, schedule, model_, steps).value();
    }
    return std::make_unique<SamplerContext>(
        model_, SamplerInput{.sigmas = std::move(sigmas),
                             .generator = MakeNoiseGenerator(NoiseSource::kPhilox, kSeed),
                             .seed = kSeed,
                             .options = options,
                             .height = kHeight,
                             .width = kWidth});
  }

  const SafetensorsFile goldens_ =
      SafetensorsFile::Open("tests/golden/sampling/sampling.safetensors").value();
  const NoiseSchedule model_{{.num_train_timesteps = 1000,
                              .beta_start = 0.00085,
                              .beta_end = 0.012,
                              .beta_schedule = BetaSchedule::kScaledLinear}};
};

// The exact denoiser of data whose every element is drawn from N(−1, 0.25) or N(1, 0.25); without a
// prompt, from N(0, 1).
Prediction PosteriorMean(const DenoiserCall& call) {
  const double variance = call.sigma * call.sigma;
  const double total = 0.25 + variance;
  return {.denoised = (call.x * 0.25 + at::tanh(call.x / total) * variance) / total,
          .uncond = call.x / (1 + variance)};
}

// CFG++ has little of the first and much of the second.
Prediction Analytic(const DenoiserCall& call, const SamplerDefinition& sampler) {
  Prediction prediction = PosteriorMean(call);
  prediction.denoised =
      prediction.uncond + (prediction.denoised - prediction.uncond) * sampler.guidance_factor;
  return prediction;
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

// Goldens of a kind are named kind/sampler/schedule/steps.
struct Job {
  std::string golden;
  const SamplerDefinition* sampler = nullptr;
  std::string schedule;
  int steps = 0;
};

std::vector<Job> Jobs(const SafetensorsFile& goldens, const std::string& kind) {
  std::vector<Job> jobs;
  for (const auto& [name, view] : goldens.tensors()) {
    const std::vector<std::string> parts = absl::StrSplit(name, '/');
    if (parts[0] != kind) continue;
    Job job{.golden = name, .sampler = FindSampler(parts[1]), .schedule = parts[2], .steps = 0};
    EXPECT_NE(job.sampler, nullptr) << name;
    EXPECT_TRUE(absl::SimpleAtoi(parts[3], &job.steps)) << name;
    jobs.push_back(std::move(job));
  }
  return jobs;
}

void ExpectEverySampler(const std::vector<Job>& jobs, int at_least) {
  for (const SamplerDefinition& sampler : Samplers()) {
    EXPECT_GE(std::count_if(jobs.begin(), jobs.end(),
                            [&](const Job& job) { return job.sampler == &sampler; }),
              at_least)
        << sampler.name;
  }
}

TEST_F(SamplingGoldenTest, EveryPointOfEveryTrajectoryIsTheReferences) {
  const std::vector<Job> jobs = Jobs(goldens_, "trajectory");
  ExpectEverySampler(jobs, 3);
  for (const auto& [golden, sampler, schedule, steps] : jobs) {
    const auto ctx =
        Context(*sampler, golden, schedule, steps, {.eta = sampler->facts().default_eta});
    const auto denoise = [&](const DenoiserCall& call) { return Analytic(call, *sampler); };
    ExpectVisits(Visit(sampler->function, *ctx, denoise), Tensor(golden), golden);
  }
}

TEST_F(SamplingGoldenTest, OptionsDoWhatTheyDoInTheReferences) {
  const std::vector<Job> jobs = Jobs(goldens_, "settings");
  ExpectEverySampler(jobs, 1);
  const SamplerOptions options{
      .eta = 0.6, .s_churn = 8, .s_tmin = 0.4, .s_tmax = 9, .s_noise = 1.005};
  for (const auto& [golden, sampler, schedule, steps] : jobs) {
    const auto ctx = Context(*sampler, golden, schedule, steps, options);
    const auto denoise = [&](const DenoiserCall& call) { return Analytic(call, *sampler); };
    ExpectVisits(Visit(sampler->function, *ctx, denoise), Tensor(golden), golden);
  }
}

TEST_F(SamplingGoldenTest, DdimIsDiffusersUpToItsLastStep) {
  const SamplerDefinition& ddim = *FindSampler("DDIM");
  for (const int steps : {5, 20}) {
    const std::string golden = absl::StrCat("diffusers/DDIM/", steps);
    const auto ctx = Context(ddim, golden, "Uniform", steps, {.eta = ddim.facts().default_eta});
    std::vector<at::Tensor> actual = Visit(ddim.function, *ctx, PosteriorMean);
    // Its result is where diffusers asks once more, whose call is scaled to the picture's size.
    actual.back() = actual.back() / std::sqrt(model_.alpha_cumprod(1));
    ExpectVisits(actual, Tensor(golden).narrow(0, 0, steps), golden);
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
  for (const SamplerDefinition& sampler : Samplers()) {
    const std::string golden = absl::StrCat("guided/", sampler.name);
    const Guidance guidance{.conds = {{.context = ContextSchedule(Tensor("guided/cond"))}},
                            .uncond = ContextSchedule(Tensor("guided/uncond")),
                            .scale = 5 * sampler.guidance_factor};
    const auto ctx = Context(sampler, golden, "Karras", 20, {.eta = sampler.facts().default_eta});
    const auto denoise = [&](const DenoiserCall& call) {
      return denoiser.Denoise({{.call = &call, .guidance = &guidance}});
    };
    ExpectVisits(Visit(sampler.function, *ctx, denoise), Tensor(golden), golden);
  }
}

}  // namespace
}  // namespace darkroom::diffusion
