#include <cmath>

#include "ATen/TensorOperators.h"
#include "worker/diffusion/sampling/samplers.h"

namespace darkroom::diffusion {

// Equation 12 of Song et al., "Denoising diffusion implicit models" (2021), with eta = 0, on whole
// timesteps of the model instead of sigmas: T/n apart, the last one down to ᾱ[0]. AUTOMATIC1111's
// `ddim` and diffusers' DDIMScheduler ("leading") step the same way where n divides T; the former
// leaves out the last, smallest step. x here has the variance of the forward process, not the size
// of the picture, hence the roots of ᾱ around the call.
Trajectory Ddim(SamplerContext& ctx) {
  const NoiseSchedule& model = ctx.model();
  const int stride = model.timesteps() / ctx.steps();
  at::Tensor x = ctx.initial_noise();
  for (int i = ctx.steps() - 1; i >= 0; --i) {
    const int t = i * stride + model.steps_offset();
    const double a = model.alpha_cumprod(t);
    const double a_prev =
        t >= stride ? model.alpha_cumprod(t - stride) : model.final_alpha_cumprod();
    const at::Tensor x0 = co_await Denoise(x / std::sqrt(a), std::sqrt((1 - a) / a));
    const at::Tensor eps = (x - x0 * std::sqrt(a)) / std::sqrt(1 - a);
    x = x0 * std::sqrt(a_prev) + eps * std::sqrt(1 - a_prev);
    ctx.StepDone();
  }
  co_return x;
}

}  // namespace darkroom::diffusion
