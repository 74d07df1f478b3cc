#include <cmath>

#include "ATen/TensorOperators.h"
#include "worker/diffusion/sampling/ancestral_step.h"
#include "worker/diffusion/sampling/samplers.h"

namespace darkroom::diffusion {

// DPM2 down to sigma_down, then fresh noise up to the next sigma. k-diffusion:
// sample_dpm_2_ancestral.
Trajectory Dpm2Ancestral(SamplerContext& ctx) {
  const std::vector<double>& sigma = ctx.sigmas();
  const SamplerOptions& options = ctx.options();
  at::Tensor x = ctx.NoisedTo(sigma[0]);
  for (int i = ctx.Carry(x); i < ctx.steps(); ++i) {
    const auto [sigma_down, sigma_up] = SplitAncestralStep(sigma[i], sigma[i + 1], options.eta);
    const at::Tensor denoised = co_await Denoise(x, sigma[i]);
    const at::Tensor d = (x - denoised) / sigma[i];
    if (sigma_down > 0) {
      const double sigma_mid = std::sqrt(sigma[i] * sigma_down);
      const at::Tensor x_2 = x + d * (sigma_mid - sigma[i]);
      const at::Tensor denoised_2 = co_await Denoise(x_2, sigma_mid);
      const at::Tensor d_2 = (x_2 - denoised_2) / sigma_mid;
      x = x + d_2 * (sigma_down - sigma[i]);
      x = x + ctx.StepNoise() * (options.s_noise * sigma_up);
    } else {
      x = x + d * (sigma_down - sigma[i]);
    }
    ctx.StepDone();
  }
  co_return x;
}

}  // namespace darkroom::diffusion
