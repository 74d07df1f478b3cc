#include "tests/golden/sampling/golden_runs.h"

#include <cstring>
#include <utility>

#include "ATen/TensorOperators.h"
#include "ATen/ops/empty.h"
#include "ATen/ops/tanh.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/status_macros.h"

namespace darkroom::diffusion {
namespace {

constexpr int kSeed = 1234;

}  // namespace

SamplingGoldens::SamplingGoldens(SafetensorsFile file, std::unique_ptr<NoiseSchedule> model)
    : file_(std::move(file)), model_(std::move(model)) {}

absl::StatusOr<SamplingGoldens> SamplingGoldens::Open(const std::string& path) {
  DARKROOM_ASSIGN_OR_RETURN(SafetensorsFile file, SafetensorsFile::Open(path));
  return SamplingGoldens(std::move(file), std::make_unique<NoiseSchedule>(NoiseScheduleConfig{
                                              .num_train_timesteps = 1000,
                                              .beta_start = 0.00085,
                                              .beta_end = 0.012,
                                              .beta_schedule = BetaSchedule::kScaledLinear}));
}

at::Tensor SamplingGoldens::Get(const std::string& name) const {
  const TensorView& view = file_.tensors().at(name);
  at::Tensor tensor = at::empty(view.shape, at::kFloat);
  std::memcpy(tensor.mutable_data_ptr(), view.bytes.data(), view.bytes.size());
  return tensor;
}

std::vector<GoldenRun> SamplingGoldens::Runs(absl::string_view kind) const {
  std::vector<GoldenRun> runs;
  for (const auto& [name, view] : file_.tensors()) {
    const std::vector<std::string> parts = absl::StrSplit(name, '/');
    if (parts[0] != kind || parts.size() != 4) continue;
    GoldenRun run{
        .golden = name, .sampler = FindSampler(parts[1]), .schedule = parts[2], .steps = 0};
    if (run.sampler != nullptr && absl::SimpleAtoi(parts[3], &run.steps)) {
      runs.push_back(std::move(run));
    }
  }
  return runs;
}

std::unique_ptr<SamplerContext> SamplingGoldens::Context(const GoldenRun& run,
                                                         const SamplerOptions& options) const {
  std::vector<double> sigmas;
  if (run.sampler->brownian_noise) {
    const at::Tensor values = Get(absl::StrCat("sigmas of ", run.golden));
    const auto* data = values.const_data_ptr<float>();
    sigmas.assign(data, data + values.numel());
  } else {
    sigmas = ResolveSigmas(*run.sampler, run.schedule, *model_, run.steps).value();
  }
  const std::vector<std::int64_t>& shape = file_.tensors().at(run.golden).shape;
  return std::make_unique<SamplerContext>(
      *model_, SamplerInput{.sigmas = std::move(sigmas),
                            .generator = MakeNoiseGenerator(NoiseSource::kPhilox, kSeed),
                            .seed = kSeed,
                            .options = options,
                            .height = static_cast<int>(shape[2]),
                            .width = static_cast<int>(shape[3])});
}

std::vector<at::Tensor> Visit(SamplerFunction sampler, SamplerContext& ctx,
                              const std::function<Prediction(const DenoiserCall&)>& denoiser) {
  std::vector<at::Tensor> visited;
  Trajectory trajectory = sampler(ctx);
  for (trajectory.Start(); !trajectory.done();) {
    visited.push_back(trajectory.call().x);
    trajectory.Resume(denoiser(trajectory.call()));
  }
  visited.push_back(trajectory.result());
  return visited;
}

Prediction PosteriorMean(const DenoiserCall& call) {
  const double variance = call.sigma * call.sigma;
  const double total = 0.25 + variance;
  return {.denoised = (call.x * 0.25 + at::tanh(call.x / total) * variance) / total,
          .uncond = call.x / (1 + variance)};
}

Prediction Analytic(const DenoiserCall& call, const SamplerDefinition& sampler) {
  Prediction prediction = PosteriorMean(call);
  prediction.denoised =
      prediction.uncond + (prediction.denoised - prediction.uncond) * sampler.guidance_factor;
  return prediction;
}

double RelativeError(const at::Tensor& actual, const at::Tensor& expected) {
  return (actual - expected).norm().item<double>() / expected.norm().item<double>();
}

}  // namespace darkroom::diffusion
