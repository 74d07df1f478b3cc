#ifndef DARKROOM_WORKER_DIFFUSION_SAMPLING_CHURN_H_
#define DARKROOM_WORKER_DIFFUSION_SAMPLING_CHURN_H_

#include <algorithm>
#include <cmath>
#include <numbers>

#include "ATen/TensorOperators.h"
#include "worker/diffusion/sampling/sampler.h"

namespace darkroom::diffusion {

// The stochastic half of a step of algorithm 2 of Karras et al. (2022): raises the noise of x from
// sigma to what is returned, which is sigma itself unless the request asks for churn. As in
// k-diffusion the noise is drawn in any case.
inline double Churn(SamplerContext& ctx, double sigma, at::Tensor& x) {
  const SamplerOptions& options = ctx.options();
  const bool stirred = options.s_churn > 0 && options.s_tmin <= sigma && sigma <= options.s_tmax;
  if (!stirred) {
    ctx.SkipStepNoise();
    return sigma;
  }
  const double gamma = std::min(options.s_churn / ctx.steps(), std::numbers::sqrt2 - 1);
  const double sigma_hat = sigma * (1 + gamma);
  const double added = std::sqrt(sigma_hat * sigma_hat - sigma * sigma);
  x = x + ctx.StepNoise() * (options.s_noise * added);
  return sigma_hat;
}

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_SAMPLING_CHURN_H_
