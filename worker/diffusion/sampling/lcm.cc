#include <cmath>

#include "ATen/TensorOperators.h"
#include "worker/diffusion/sampling/lcm_stride.h"
#include "worker/diffusion/sampling/samplers.h"

namespace darkroom::diffusion {

// Multistep consistency sampling, algorithm 1 of Luo et al., "Latent consistency models" (2023):
// the prediction is the picture, which gets noise for the next step. A distilled model knows 50 of
// its teacher's timesteps, so it is told the nearest one. AUTOMATIC1111: sample_lcm and
// LCMCompVisDenoiser, whose boundary condition (equation 7, with timesteps scaled by 10) leaves a
// little of x in the prediction.
Trajectory Lcm(SamplerContext& ctx) {
  constexpr double kSigmaData = 0.5;
  const std::vector<double>& sigma = ctx.sigmas();
  const NoiseSchedule known = ctx.model().Every(LcmStride(ctx.model()));
  at::Tensor x = ctx.NoisedTo(sigma[0]);
  for (int i = ctx.Carry(x); i < ctx.steps(); ++i) {
    const double t = known.NearestTimestep(sigma[i]);
    const double s = 10 * t;
    const double c_skip = kSigmaData * kSigmaData / (s * s + kSigmaData * kSigmaData);
    const double c_out = s / std::hypot(s, kSigmaData);
    const at::Tensor denoised = co_await Denoise(x, sigma[i], t);
    x = denoised * c_out + x * c_skip;
    if (sigma[i + 1] > 0) x = x + ctx.StepNoise() * sigma[i + 1];
    ctx.StepDone();
  }
  co_return x;
}

}  // namespace darkroom::diffusion
