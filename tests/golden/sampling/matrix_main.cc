// Prints how far every sampler lies from its reference over every schedule and number of steps, for
// compare_matrix.py: sampling_matrix GOLDENS MODEL_FOLDER. Exit status 1 above 1e-4.

#include <algorithm>
#include <cstdio>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "c10/core/InferenceMode.h"
#include "common/status_macros.h"
#include "tests/golden/sampling/golden_runs.h"
#include "worker/diffusion/guidance/guided_denoiser.h"
#include "worker/diffusion/model/diffusion_model.h"

namespace darkroom::diffusion {
namespace {

constexpr double kTolerance = 1e-4;

struct Worst {
  int runs = 0;
  double error = 0;
  std::string golden;
};

double Error(const SamplingGoldens& goldens, const GoldenRun& run,
             const std::function<Prediction(const DenoiserCall&)>& denoiser) {
  const auto ctx = goldens.Context(run, {.eta = run.sampler->facts().default_eta});
  const std::vector<at::Tensor> visited = Visit(run.sampler->function, *ctx, denoiser);
  return RelativeError(visited.back(), goldens.Get(run.golden));
}

// Prints one line a sampler; whether all are near enough.
bool Print(const std::string& kind, const std::map<std::string, Worst>& worst) {
  bool good = !worst.empty();
  for (const auto& [sampler, found] : worst) {
    good = good && found.error <= kTolerance;
    std::printf("%-10s %-18s %3d runs, worst %.1e in %s\n", kind.c_str(), sampler.c_str(),
                found.runs, found.error, found.golden.c_str());
  }
  return good;
}

template <typename DenoiserOf>
bool Compare(const SamplingGoldens& goldens, const std::string& kind, const DenoiserOf& denoiser) {
  std::map<std::string, Worst> worst;
  for (const GoldenRun& run : goldens.Runs(kind)) {
    Worst& found = worst[std::string(run.sampler->name)];
    const double error = Error(goldens, run, denoiser(run));
    ++found.runs;
    if (error < found.error) continue;
    found.error = error;
    found.golden = run.golden;
  }
  return Print(kind, worst);
}

absl::StatusOr<bool> CompareAll(const std::string& path, const std::string& folder) {
  const c10::InferenceMode inference;
  DARKROOM_ASSIGN_OR_RETURN(const SamplingGoldens goldens, SamplingGoldens::Open(path));
  DARKROOM_ASSIGN_OR_RETURN(const std::unique_ptr<DiffusionModel> model,
                            DiffusionModel::Load(folder, {}));
  const GuidedDenoiser denoiser(
      [&](const at::Tensor& sample, absl::Span<const double> timesteps, const Conditioning& told,
          const RowAdapters*) { return model->unet().Forward(sample, timesteps, told.context); },
      goldens.model(), PredictionType::kEpsilon);
  const bool analytic = Compare(goldens, "trajectory", [](const GoldenRun& run) {
    return [&run](const DenoiserCall& call) { return Analytic(call, *run.sampler); };
  });
  const bool guided = Compare(goldens, "model", [&](const GoldenRun& run) {
    const Guidance guidance{
        .conds = {{.conditioning = ConditioningSchedule({.context = goldens.Get("guided/cond")})}},
        .uncond = ConditioningSchedule({.context = goldens.Get("guided/uncond")}),
        .scale = 5 * run.sampler->guidance_factor};
    return [&denoiser, guidance](const DenoiserCall& call) {
      return denoiser.Denoise({{.call = &call, .guidance = &guidance}});
    };
  });
  return analytic && guided;
}

}  // namespace
}  // namespace darkroom::diffusion

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: %s GOLDENS MODEL_FOLDER\n", argv[0]);
    return 2;
  }
  const absl::StatusOr<bool> good = darkroom::diffusion::CompareAll(argv[1], argv[2]);
  if (!good.ok()) std::fprintf(stderr, "%s\n", good.status().ToString().c_str());
  return good.ok() && *good ? 0 : 1;
}
