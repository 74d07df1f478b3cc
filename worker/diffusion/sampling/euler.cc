#include "ATen/TensorOperators.h"
#include "worker/diffusion/sampling/samplers.h"

namespace darkroom::diffusion {

// Algorithm 2 of Karras et al. (2022) without churn and correction: Euler's method on
// dx/dsigma = (x − denoised) / sigma. k-diffusion: sample_euler.
Trajectory Euler(SamplerContext& ctx) {
  const std::vector<double>& sigma = ctx.sigmas();
  at::Tensor x = ctx.initial_noise() * sigma[0];
  for (int i = 0; i < ctx.steps(); ++i) {
    const at::Tensor denoised = co_await Denoise(x, sigma[i]);
    const at::Tensor d = (x - denoised) / sigma[i];
    x = x + d * (sigma[i + 1] - sigma[i]);
    ctx.StepDone();
  }
  co_return x;
}

}  // namespace darkroom::diffusion
