#include <algorithm>
#include <cmath>

#include "ATen/TensorOperators.h"
#include "ATen/ops/maximum.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "worker/diffusion/sampling/dpm_solver.h"
#include "worker/diffusion/sampling/samplers.h"

namespace darkroom::diffusion {
namespace {

constexpr double kRelativeTolerance = 0.05;
constexpr double kAbsoluteTolerance = 0.0078;
constexpr double kFirstStep = 0.05;
constexpr double kAcceptFrom = 0.81;
// k-diffusion's loop has no end where the solutions never agree. Pictures of the demo model take 20
// tries at guidance 7, and 74 at 30.
constexpr int kMaxTries = 200;

// How far two solutions differ, in tolerances.
double Error(const at::Tensor& low, const at::Tensor& high, const at::Tensor& previous) {
  const at::Tensor tolerance =
      (at::maximum(low.abs(), previous.abs()) * kRelativeTolerance).clamp_min(kAbsoluteTolerance);
  const double count = std::sqrt(static_cast<double>(low.numel()));
  return ((low - high) / tolerance).norm().item<double>() / count;
}

// By what the step length is to change after an error, limited to a tidy range: the integral part
// alone of k-diffusion's PIDStepSizeController, as the others are 0 by default.
double StepFactor(double error, double order) {
  return 1 + std::atan(std::pow(1 / (error + 1e-8), 1 / order) - 1);
}

}  // namespace

// DPM-Solver-23, appendix C of Lu et al., "DPM-Solver" (2022): steps in t = −log sigma that are as
// long as its solutions of second and third order agree, three calls for each try; with eta made
// ancestral. The steps of a request have no say. Fails after kMaxTries. k-diffusion:
// sample_dpm_adaptive.
Trajectory DpmAdaptive(SamplerContext& ctx) {
  const double eta = ctx.options().eta;
  const double t_start = -std::log(ctx.highest_sigma());
  const double t_end = -std::log(ctx.lowest_sigma());
  constexpr double r = 1.0 / 3;
  at::Tensor x = ctx.NoisedTo(ctx.sigmas()[0]);
  at::Tensor previous = x;
  double length = kFirstStep;
  double tries = 0;
  double t = t_start;
  ctx.Carry(x, previous, length, tries, t);
  while (t < t_end - 1e-5) {
    if (++tries > kMaxTries) {
      ctx.Fail(absl::InternalError(absl::StrCat(
          "DPM adaptive has not arrived after ", 3 * kMaxTries,
          " denoiser calls; lower the guidance scale or eta, or take another sampler")));
      co_return x;
    }
    const double t_next = std::min(t_end, t + length);
    const auto [t_down, sigma_up] = SplitDpmStep(t, t_next, t_end, eta);
    const double h = t_down - t;
    const at::Tensor denoised = co_await Denoise(x, SigmaOf(t));
    const at::Tensor eps = (x - denoised) / SigmaOf(t);
    const at::Tensor u = DpmSolver1(x, t, r * h, eps);
    const at::Tensor denoised_r = co_await Denoise(u, SigmaOf(t + r * h));
    const at::Tensor eps_r = (u - denoised_r) / SigmaOf(t + r * h);
    const at::Tensor u_2 = DpmSolver3(x, t, 2 * r * h, 0.5, eps, eps_r);
    const at::Tensor denoised_2r = co_await Denoise(u_2, SigmaOf(t + 2 * r * h));
    const at::Tensor eps_2r = (u_2 - denoised_2r) / SigmaOf(t + 2 * r * h);
    const at::Tensor low = DpmSolver2(x, t, h, r, eps, eps_r);
    const at::Tensor high = DpmSolver3(x, t, h, 2 * r, eps, eps_2r);

    const double factor = StepFactor(Error(low, high, previous), eta > 0 ? 1.5 : 3);
    length *= factor;
    if (factor < kAcceptFrom) continue;
    previous = low;
    x = high + ctx.StepNoise() * sigma_up;
    t = t_next;
    ctx.ShareDone((t - t_start) / (t_end - t_start));
  }
  ctx.ShareDone(1);
  co_return x;
}

}  // namespace darkroom::diffusion
