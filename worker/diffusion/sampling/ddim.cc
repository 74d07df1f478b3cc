#include <cmath>

#include "ATen/TensorOperators.h"
#include "worker/diffusion/sampling/diffusion_level.h"
#include "worker/diffusion/sampling/samplers.h"
#include "worker/diffusion/sampling/timestep_start.h"

namespace darkroom::diffusion {

// Equation 12 of Song et al., "Denoising diffusion implicit models" (2021). AUTOMATIC1111: ddim. It
// ends at the least noisy of its levels, which it does not ask about: n steps make n − 1 calls
// where n divides T, and one step returns the noise. diffusers' DDIMScheduler ("leading") steps the
// same way there, and then once more.
Trajectory Ddim(SamplerContext& ctx) {
  auto [levels, x] = BeginOverTimesteps(ctx);
  const int calls = static_cast<int>(levels.size()) - 1;
  for (int i = calls - ctx.Carry(x); i > 0; --i) {
    const DiffusionLevel& from = levels[i];
    const DiffusionLevel& to = levels[i - 1];
    const double sigma = DdimSigma(from, to, ctx.options().eta);
    const at::Tensor denoised = co_await Denoise(from.Scaled(x), from.sigma(), from.timestep);
    const at::Tensor eps = from.Eps(x, denoised);
    x = denoised * to.signal + eps * std::sqrt(to.noise * to.noise - sigma * sigma);
    if (sigma > 0) {
      x = x + ctx.StepNoise() * sigma;
    } else {
      ctx.SkipStepNoise();
    }
    ctx.ShareDone((calls - i + 1.0) / calls);
  }
  co_return x;
}

}  // namespace darkroom::diffusion
