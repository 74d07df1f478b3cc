#include <cmath>

#include "ATen/TensorOperators.h"
#include "worker/diffusion/sampling/churn.h"
#include "worker/diffusion/sampling/samplers.h"

namespace darkroom::diffusion {

// DPM-Solver-2 of Lu et al. (2022) as a step of algorithm 2 of Karras et al. (2022): the slope in
// the middle, on the logarithmic scale, carries the whole step. k-diffusion: sample_dpm_2.
Trajectory Dpm2(SamplerContext& ctx) {
  const std::vector<double>& sigma = ctx.sigmas();
  at::Tensor x = ctx.NoisedTo(sigma[0]);
  for (int i = ctx.Carry(x); i < ctx.steps(); ++i) {
    const double sigma_hat = Churn(ctx, sigma[i], x);
    const at::Tensor denoised = co_await Denoise(x, sigma_hat);
    at::Tensor d = (x - denoised) / sigma_hat;
    if (sigma[i + 1] > 0) {
      const double sigma_mid = std::sqrt(sigma_hat * sigma[i + 1]);
      const at::Tensor x_2 = x + d * (sigma_mid - sigma_hat);
      const at::Tensor denoised_2 = co_await Denoise(x_2, sigma_mid);
      d = (x_2 - denoised_2) / sigma_mid;
    }
    x = x + d * (sigma[i + 1] - sigma_hat);
    ctx.StepDone();
  }
  co_return x;
}

}  // namespace darkroom::diffusion
