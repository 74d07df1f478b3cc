#include <cmath>

#include "ATen/TensorOperators.h"
#include "worker/diffusion/sampling/ancestral_step.h"
#include "worker/diffusion/sampling/samplers.h"

namespace darkroom::diffusion {

// DPM-Solver++(2S), algorithm 1 of Lu et al. (2022), down to sigma_down, then fresh noise up to the
// next sigma: the prediction in the middle, on the logarithmic scale, carries the whole step.
// k-diffusion: sample_dpmpp_2s_ancestral.
Trajectory DpmPlusPlus2SAncestral(SamplerContext& ctx) {
  const std::vector<double>& sigma = ctx.sigmas();
  const SamplerOptions& options = ctx.options();
  at::Tensor x = ctx.NoisedTo(sigma[0]);
  for (int i = ctx.Carry(x); i < ctx.steps(); ++i) {
    const auto [sigma_down, sigma_up] = SplitAncestralStep(sigma[i], sigma[i + 1], options.eta);
    // Exact for a constant prediction: x shrinks towards it as sigma falls.
    const auto step = [&x, from = sigma[i]](const at::Tensor& denoised, double to) {
      return x * (to / from) + denoised * (1 - to / from);
    };
    at::Tensor denoised = co_await Denoise(x, sigma[i]);
    if (sigma_down > 0) {
      const double sigma_mid = std::sqrt(sigma[i] * sigma_down);
      denoised = co_await Denoise(step(denoised, sigma_mid), sigma_mid);
    }
    x = step(denoised, sigma_down);
    if (sigma[i + 1] > 0) x = x + ctx.StepNoise() * (options.s_noise * sigma_up);
    ctx.StepDone();
  }
  co_return x;
}

}  // namespace darkroom::diffusion
