#include <cmath>

#include "ATen/TensorOperators.h"
#include "worker/diffusion/sampling/samplers.h"

namespace darkroom::diffusion {

// DPM-Solver++(3M) for the stochastic equation, in t = −log sigma: the two predictions before give
// differences of first and second order. k-diffusion: sample_dpmpp_3m_sde.
Trajectory DpmPlusPlus3MSde(SamplerContext& ctx) {
  const std::vector<double>& sigma = ctx.sigmas();
  const SamplerOptions& options = ctx.options();
  at::Tensor x = ctx.NoisedTo(sigma[0]);
  at::Tensor denoised_1;  // the one before
  at::Tensor denoised_2;  // and before that
  double h_1 = 0;
  double h_2 = 0;
  for (int i = ctx.Carry(x, denoised_1, denoised_2, h_1, h_2); i < ctx.steps(); ++i) {
    const at::Tensor denoised = co_await Denoise(x, sigma[i]);
    if (sigma[i + 1] == 0) {
      x = denoised;
    } else {
      const double h = std::log(sigma[i] / sigma[i + 1]);
      const double h_eta = h * (options.eta + 1);
      const double phi_1 = -std::expm1(-h_eta);
      const double phi_2 = 1 - phi_1 / h_eta;
      const double phi_3 = phi_2 / h_eta - 0.5;
      x = x * std::exp(-h_eta) + denoised * phi_1;
      if (denoised_2.defined()) {
        const double r_0 = h_1 / h;
        const double r_1 = h_2 / h;
        const at::Tensor d_0 = (denoised - denoised_1) / r_0;
        const at::Tensor d_1 = (denoised_1 - denoised_2) / r_1;
        const at::Tensor second = (d_0 - d_1) / (r_0 + r_1);
        x = x + (d_0 + second * r_0) * phi_2 - second * phi_3;
      } else if (denoised_1.defined()) {
        x = x + (denoised - denoised_1) * (phi_2 * h / h_1);
      }
      if (options.eta > 0) {
        const double added = sigma[i + 1] * std::sqrt(-std::expm1(-2 * h * options.eta));
        x = x + ctx.BrownianNoise(sigma[i], sigma[i + 1]) * (added * options.s_noise);
      }
      h_2 = h_1;
      h_1 = h;
    }
    denoised_2 = denoised_1;
    denoised_1 = denoised;
    ctx.StepDone();
  }
  co_return x;
}

}  // namespace darkroom::diffusion
