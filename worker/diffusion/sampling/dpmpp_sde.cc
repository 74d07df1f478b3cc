#include <cmath>

#include "ATen/TensorOperators.h"
#include "worker/diffusion/sampling/ancestral_step.h"
#include "worker/diffusion/sampling/samplers.h"

namespace darkroom::diffusion {

// DPM-Solver++ of Lu et al. (2022) for the stochastic equation, in two stages with r = 1/2: an
// ancestral step to the middle, on the logarithmic scale, whose prediction then carries an
// ancestral step over the whole. The noise of both is of one Brownian motion. k-diffusion:
// sample_dpmpp_sde.
Trajectory DpmPlusPlusSde(SamplerContext& ctx) {
  const std::vector<double>& sigma = ctx.sigmas();
  const SamplerOptions& options = ctx.options();
  at::Tensor x = ctx.NoisedTo(sigma[0]);
  for (int i = ctx.Carry(x); i < ctx.steps(); ++i) {
    const auto step = [&, from = sigma[i]](const at::Tensor& denoised, double to) {
      const auto [down, up] = SplitAncestralStep(from, to, options.eta);
      at::Tensor next = x * (down / from) + denoised * (1 - down / from);
      if (up == 0) return next;
      return next + ctx.BrownianNoise(from, to) * (options.s_noise * up);
    };
    at::Tensor denoised = co_await Denoise(x, sigma[i]);
    if (sigma[i + 1] > 0) {
      const double sigma_mid = std::sqrt(sigma[i] * sigma[i + 1]);
      denoised = co_await Denoise(step(denoised, sigma_mid), sigma_mid);
    }
    x = step(denoised, sigma[i + 1]);
    ctx.StepDone();
  }
  co_return x;
}

}  // namespace darkroom::diffusion
