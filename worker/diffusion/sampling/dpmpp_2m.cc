#include <cmath>

#include "ATen/TensorOperators.h"
#include "worker/diffusion/sampling/samplers.h"

namespace darkroom::diffusion {

// DPM-Solver++(2M), algorithm 2 of Lu et al. (2022), in t = −log sigma: one call a step, the
// previous prediction gives the second order. k-diffusion: sample_dpmpp_2m.
Trajectory DpmPlusPlus2M(SamplerContext& ctx) {
  const std::vector<double>& sigma = ctx.sigmas();
  const auto t = [&sigma](int i) { return -std::log(sigma[i]); };
  at::Tensor x = ctx.NoisedTo(sigma[0]);
  at::Tensor old_denoised;
  for (int i = ctx.Carry(x, old_denoised); i < ctx.steps(); ++i) {
    const at::Tensor denoised = co_await Denoise(x, sigma[i]);
    const double h = t(i + 1) - t(i);  // infinite in the last step, which is of first order
    at::Tensor d = denoised;
    if (i > 0 && sigma[i + 1] > 0) {
      const double r = (t(i) - t(i - 1)) / h;
      d = denoised * (1 + 1 / (2 * r)) - old_denoised * (1 / (2 * r));
    }
    x = x * (sigma[i + 1] / sigma[i]) - d * std::expm1(-h);
    old_denoised = denoised;
    ctx.StepDone();
  }
  co_return x;
}

}  // namespace darkroom::diffusion
