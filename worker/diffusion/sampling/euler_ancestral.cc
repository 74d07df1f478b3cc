#include "ATen/TensorOperators.h"
#include "worker/diffusion/sampling/ancestral_step.h"
#include "worker/diffusion/sampling/samplers.h"

namespace darkroom::diffusion {

// Euler's method down to sigma_down, then fresh noise up to the next sigma. k-diffusion:
// sample_euler_ancestral.
Trajectory EulerAncestral(SamplerContext& ctx) {
  const std::vector<double>& sigma = ctx.sigmas();
  at::Tensor x = ctx.NoisedTo(sigma[0]);
  for (int i = ctx.Carry(x); i < ctx.steps(); ++i) {
    const at::Tensor denoised = co_await Denoise(x, sigma[i]);
    const auto [sigma_down, sigma_up] =
        SplitAncestralStep(sigma[i], sigma[i + 1], ctx.options().eta);
    const at::Tensor d = (x - denoised) / sigma[i];
    x = x + d * (sigma_down - sigma[i]);
    if (sigma[i + 1] > 0) x = x + ctx.StepNoise() * sigma_up;
    ctx.StepDone();
  }
  co_return x;
}

}  // namespace darkroom::diffusion
