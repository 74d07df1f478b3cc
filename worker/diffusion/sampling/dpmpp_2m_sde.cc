#include <cmath>

#include "ATen/TensorOperators.h"
#include "worker/diffusion/sampling/samplers.h"

namespace darkroom::diffusion {
namespace {

enum class Solver { kMidpoint, kHeun };

// DPM-Solver++(2M) of Lu et al. (2022) for the stochastic equation, in t = −log sigma: one call a
// step, the previous prediction gives the second order, in one of two ways. k-diffusion:
// sample_dpmpp_2m_sde.
Trajectory Solve(SamplerContext& ctx, Solver solver) {
  const std::vector<double>& sigma = ctx.sigmas();
  const SamplerOptions& options = ctx.options();
  at::Tensor x = ctx.NoisedTo(sigma[0]);
  at::Tensor old_denoised;
  double old_h = 0;
  for (int i = ctx.Carry(x, old_denoised, old_h); i < ctx.steps(); ++i) {
    const at::Tensor denoised = co_await Denoise(x, sigma[i]);
    if (sigma[i + 1] == 0) {
      x = denoised;
    } else {
      const double h = std::log(sigma[i] / sigma[i + 1]);
      const double eta_h = options.eta * h;
      const double phi_1 = -std::expm1(-h - eta_h);
      x = x * (sigma[i + 1] / sigma[i] * std::exp(-eta_h)) + denoised * phi_1;
      if (old_denoised.defined()) {
        const double weight = solver == Solver::kHeun ? 1 - phi_1 / (h + eta_h) : phi_1 / 2;
        x = x + (denoised - old_denoised) * (weight * h / old_h);
      }
      if (options.eta > 0) {
        const double added = sigma[i + 1] * std::sqrt(-std::expm1(-2 * eta_h));
        x = x + ctx.BrownianNoise(sigma[i], sigma[i + 1]) * (added * options.s_noise);
      }
      old_h = h;
    }
    old_denoised = denoised;
    ctx.StepDone();
  }
  co_return x;
}

}  // namespace

Trajectory DpmPlusPlus2MSde(SamplerContext& ctx) { return Solve(ctx, Solver::kMidpoint); }

Trajectory DpmPlusPlus2MSdeHeun(SamplerContext& ctx) { return Solve(ctx, Solver::kHeun); }

}  // namespace darkroom::diffusion
