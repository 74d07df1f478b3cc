#include <cmath>
#include <cstddef>

#include "ATen/TensorOperators.h"
#include "worker/diffusion/sampling/dpm_solver.h"
#include "worker/diffusion/sampling/linspace.h"
#include "worker/diffusion/sampling/samplers.h"

namespace darkroom::diffusion {
namespace {

// Of order 3 as far as possible, with `calls` denoiser calls in all.
std::vector<int> Orders(int calls) {
  std::vector<int> orders(calls / 3, 3);
  if (calls % 3 != 0) {
    orders.push_back(calls % 3);
  } else {
    orders.back() = 2;
    orders.push_back(1);
  }
  return orders;
}

}  // namespace

// DPM-Solver-fast, section 3.4 of Lu et al., "DPM-Solver" (2022): steps of equal length in
// t = −log sigma, a step of order n asks n times; with eta made ancestral. A request's step is a
// call here. k-diffusion: sample_dpm_fast.
Trajectory DpmFast(SamplerContext& ctx) {
  const SamplerOptions& options = ctx.options();
  const std::vector<int> orders = Orders(ctx.steps());
  const double t_end = -std::log(ctx.lowest_sigma());
  const std::vector<double> times =
      Linspace(-std::log(ctx.highest_sigma()), t_end, static_cast<int>(orders.size()) + 1);
  at::Tensor x = ctx.NoisedTo(ctx.sigmas()[0]);
  for (std::size_t i = ctx.Carry(x); i < orders.size(); ++i) {
    const double t = times[i];
    const auto [t_down, sigma_up] = SplitDpmStep(t, times[i + 1], t_end, options.eta);
    const double h = t_down - t;
    const double r = orders[i] == 3 ? 1.0 / 3 : 1.0 / 2;
    const at::Tensor denoised = co_await Denoise(x, SigmaOf(t));
    const at::Tensor eps = (x - denoised) / SigmaOf(t);
    at::Tensor next = DpmSolver1(x, t, h, eps);
    if (orders[i] > 1) {
      ctx.PartDone();
      const at::Tensor u = DpmSolver1(x, t, r * h, eps);
      const at::Tensor denoised_r = co_await Denoise(u, SigmaOf(t + r * h));
      const at::Tensor eps_r = (u - denoised_r) / SigmaOf(t + r * h);
      next = DpmSolver2(x, t, h, r, eps, eps_r);
      if (orders[i] == 3) {
        ctx.PartDone();
        const at::Tensor u_2 = DpmSolver3(x, t, 2 * r * h, 0.5, eps, eps_r);
        const at::Tensor denoised_2r = co_await Denoise(u_2, SigmaOf(t + 2 * r * h));
        const at::Tensor eps_2r = (u_2 - denoised_2r) / SigmaOf(t + 2 * r * h);
        next = DpmSolver3(x, t, h, 2 * r, eps, eps_2r);
      }
    }
    x = next + ctx.StepNoise() * (sigma_up * options.s_noise);
    ctx.StepDone();
  }
  co_return x;
}

}  // namespace darkroom::diffusion
