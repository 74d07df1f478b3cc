#ifndef DARKROOM_TESTS_GOLDEN_SAMPLING_GOLDEN_RUNS_H_
#define DARKROOM_TESTS_GOLDEN_SAMPLING_GOLDEN_RUNS_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "ATen/core/Tensor.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "worker/diffusion/sampling/sampler_registry.h"
#include "worker/diffusion/weights/safetensors.h"

namespace darkroom::diffusion {

// One trajectory of a golden file.
struct GoldenRun {
  std::string golden;  // its tensor: every x at which the denoiser is asked and the result, or the
                       // result alone
  const SamplerDefinition* sampler = nullptr;
  std::string schedule;
  int steps = 0;
};

// What make_sampling_goldens.py and compare_matrix.py write. Not thread-safe.
class SamplingGoldens {
 public:
  static absl::StatusOr<SamplingGoldens> Open(const std::string& path);

  // The tensor of a name; float32. Ends the process where there is none.
  at::Tensor Get(const std::string& name) const;

  // Those named kind/sampler/schedule/steps.
  std::vector<GoldenRun> Runs(absl::string_view kind) const;

  // What our sampler is given for a run, latents as the golden's. Where the noise is a Brownian
  // motion the sigmas are the reference's float32 ones: moving them by a last bit changes the noise
  // by 1e-3, and what schedules are worth is compared elsewhere.
  std::unique_ptr<SamplerContext> Context(const GoldenRun& run,
                                          const SamplerOptions& options) const;

  // Stable Diffusion 1's noise levels.
  const NoiseSchedule& model() const { return *model_; }

 private:
  SamplingGoldens(SafetensorsFile file, std::unique_ptr<NoiseSchedule> model);

  SafetensorsFile file_;
  std::unique_ptr<NoiseSchedule> model_;  // contexts point to it
};

// What a sampler asks on its way, then its result: [1, 4, h, w] each.
std::vector<at::Tensor> Visit(SamplerFunction sampler, SamplerContext& ctx,
                              const std::function<Prediction(const DenoiserCall&)>& denoiser);

// The exact denoiser of data whose every element is drawn from N(−1, 0.25) or N(1, 0.25); without a
// prompt, from N(0, 1).
Prediction PosteriorMean(const DenoiserCall& call);
// The same as a sampler's guidance has it: CFG++ has little of the first and much of the second.
Prediction Analytic(const DenoiserCall& call, const SamplerDefinition& sampler);

double RelativeError(const at::Tensor& actual, const at::Tensor& expected);

}  // namespace darkroom::diffusion

#endif  // DARKROOM_TESTS_GOLDEN_SAMPLING_GOLDEN_RUNS_H_
