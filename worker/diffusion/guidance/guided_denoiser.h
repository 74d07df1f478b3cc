#ifndef DARKROOM_WORKER_DIFFUSION_GUIDANCE_GUIDED_DENOISER_H_
#define DARKROOM_WORKER_DIFFUSION_GUIDANCE_GUIDED_DENOISER_H_

#include <functional>

#include "ATen/core/Tensor.h"
#include "absl/types/span.h"
#include "worker/diffusion/sampling/noise_schedule.h"
#include "worker/diffusion/sampling/trajectory.h"
#include "worker/diffusion/weights/model_config.h"

namespace darkroom::diffusion {

// The text conditioning of a job: [1, 77 * chunks, C] each, of equal shape. `uncond` is undefined
// where the conditional prediction alone is needed: the scale is 1 and no sampler asks for it.
struct Guidance {
  at::Tensor cond;
  at::Tensor uncond = {};
  double scale = 1;
};

// One image's part of a batch. What it points to outlives the call.
struct GuidedCall {
  const DenoiserCall* call = nullptr;
  const Guidance* guidance = nullptr;
};

// Classifier-free guidance (Ho and Salimans 2022): denoised = uncond + scale * (cond - uncond), on
// denoised predictions as k-diffusion and A1111 have it.
class GuidedDenoiser {
 public:
  // As UNet::Forward: sample [R, 4, h, w], R timesteps, context [R, T, C]; [R, 4, h, w] float32.
  using Network =
      std::function<at::Tensor(const at::Tensor&, absl::Span<const double>, const at::Tensor&)>;

  // `schedule` outlives the denoiser.
  GuidedDenoiser(Network network, const NoiseSchedule& schedule, PredictionType prediction)
      : network_(std::move(network)), schedule_(schedule), prediction_(prediction) {}

  // Runs all calls, and the unconditional half of those that have one, as the rows of one forward.
  // Latents and contexts have equal shapes; everything else is a row's own. Predictions
  // [calls, 4, h, w], float32 and contiguous, in order; a call without guidance has the same twice.
  // A row depends on its own call alone as far as the network's rows do.
  Prediction Denoise(absl::Span<const GuidedCall> calls) const;

 private:
  const Network network_;
  const NoiseSchedule& schedule_;
  const PredictionType prediction_;
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_GUIDANCE_GUIDED_DENOISER_H_
