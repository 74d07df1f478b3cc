#include "ATen/TensorOperators.h"
#include "worker/diffusion/sampling/churn.h"
#include "worker/diffusion/sampling/samplers.h"

namespace darkroom::diffusion {

// Algorithm 2 of Karras et al. (2022): Heun's method, which repeats Euler's step with the mean of
// the slopes at both ends, but for the last step. k-diffusion: sample_heun.
Trajectory Heun(SamplerContext& ctx) {
  const std::vector<double>& sigma = ctx.sigmas();
  at::Tensor x = ctx.NoisedTo(sigma[0]);
  for (int i = ctx.Carry(x); i < ctx.steps(); ++i) {
    const double sigma_hat = Churn(ctx, sigma[i], x);
    const double dt = sigma[i + 1] - sigma_hat;
    const at::Tensor denoised = co_await Denoise(x, sigma_hat);
    at::Tensor d = (x - denoised) / sigma_hat;
    if (sigma[i + 1] > 0) {
      const at::Tensor x_2 = x + d * dt;
      const at::Tensor denoised_2 = co_await Denoise(x_2, sigma[i + 1]);
      const at::Tensor d_2 = (x_2 - denoised_2) / sigma[i + 1];
      d = (d + d_2) / 2;
    }
    x = x + d * dt;
    ctx.StepDone();
  }
  co_return x;
}

}  // namespace darkroom::diffusion
