#include "ATen/TensorOperators.h"
#include "worker/diffusion/sampling/churn.h"
#include "worker/diffusion/sampling/samplers.h"

namespace darkroom::diffusion {

// Algorithm 2 of Karras et al. (2022) without correction: Euler's method on
// dx/dsigma = (x − denoised) / sigma. k-diffusion: sample_euler.
Trajectory Euler(SamplerContext& ctx) {
  const std::vector<double>& sigma = ctx.sigmas();
  at::Tensor x = ctx.NoisedTo(sigma[0]);
  for (int i = ctx.Carry(x); i < ctx.steps(); ++i) {
    const double sigma_hat = Churn(ctx, sigma[i], x);
    const at::Tensor denoised = co_await Denoise(x, sigma_hat);
    const at::Tensor d = (x - denoised) / sigma_hat;
    x = x + d * (sigma[i + 1] - sigma_hat);
    ctx.StepDone();
  }
  co_return x;
}

}  // namespace darkroom::diffusion
