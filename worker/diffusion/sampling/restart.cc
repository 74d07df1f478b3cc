#include <algorithm>
#include <cmath>

#include "ATen/TensorOperators.h"
#include "worker/diffusion/sampling/linspace.h"
#include "worker/diffusion/sampling/samplers.h"

namespace darkroom::diffusion {
namespace {

// Between which it goes back and forth, and from how many steps on.
constexpr double kRestartLow = 0.1;
constexpr double kRestartHigh = 2;
constexpr int kFewestSteps = 20;

struct Step {
  double from = 0;
  double to = 0;
};

// The schedule of Karras et al. (2022) without the final 0.
std::vector<double> KarrasBetween(double high, double low, int n) {
  constexpr double kRho = 7;
  std::vector<double> sigmas = Linspace(std::pow(high, 1 / kRho), std::pow(low, 1 / kRho), n);
  for (double& sigma : sigmas) sigma = std::pow(sigma, kRho);
  return sigmas;
}

std::size_t Nearest(const std::vector<double>& sigmas, double value) {
  const auto nearer = [value](double a, double b) {
    return std::abs(a - value) < std::abs(b - value);
  };
  return std::min_element(sigmas.begin(), sigmas.end(), nearer) - sigmas.begin();
}

// As many steps as the sigmas have, some of them taken for restarts. AUTOMATIC1111's choice: with
// 20 steps one restart of 9, from 36 steps on two of a quarter each; the rest is Karras' schedule
// whatever the request's is.
std::vector<Step> PlanSteps(std::vector<double> sigmas) {
  const int steps = static_cast<int>(sigmas.size()) - 1;
  const int restarts = steps < kFewestSteps ? 0 : steps < 36 ? 1 : 2;
  const int restart_steps = restarts == 2 ? steps / 4 : 9;
  if (restarts > 0) {
    sigmas = KarrasBetween(sigmas[0], sigmas[steps - 1], steps - restart_steps * restarts);
    sigmas.push_back(0);
  }
  const std::size_t low = Nearest(sigmas, kRestartLow);
  const std::size_t high = Nearest(sigmas, kRestartHigh);
  std::vector<Step> plan;
  for (std::size_t i = 1; i < sigmas.size(); ++i) {
    plan.push_back({.from = sigmas[i - 1], .to = sigmas[i]});
    if (i != low || high >= low) continue;
    const std::vector<double> again = KarrasBetween(sigmas[high], sigmas[low], restart_steps + 1);
    for (int round = 0; round < restarts; ++round) {
      for (int k = 0; k < restart_steps; ++k) plan.push_back({again[k], again[k + 1]});
    }
  }
  return plan;
}

}  // namespace

// Restart sampling, algorithm 1 of Xu et al. (2023): Heun's method, which at a low sigma goes back
// to a high one by adding noise and comes down again. AUTOMATIC1111: restart_sampler.
Trajectory Restart(SamplerContext& ctx) {
  at::Tensor x = ctx.NoisedTo(ctx.sigmas()[0]);
  const std::vector<Step> plan = PlanSteps(ctx.sigmas());
  double sigma = plan.front().from;
  for (std::size_t i = ctx.Carry(x, sigma); i < plan.size(); ++i) {
    const auto [from, to] = plan[i];
    if (from > sigma) x = x + ctx.StepNoise() * std::sqrt(from * from - sigma * sigma);
    const at::Tensor denoised = co_await Denoise(x, from);
    at::Tensor d = (x - denoised) / from;
    if (to > 0) {
      const at::Tensor x_2 = x + d * (to - from);
      const at::Tensor denoised_2 = co_await Denoise(x_2, to);
      const at::Tensor d_2 = (x_2 - denoised_2) / to;
      d = (d + d_2) / 2;
    }
    x = x + d * (to - from);
    sigma = to;
    ctx.StepDone();
  }
  co_return x;
}

}  // namespace darkroom::diffusion
