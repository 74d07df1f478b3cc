#include <cmath>

#include "ATen/TensorOperators.h"
#include "worker/diffusion/sampling/diffusion_level.h"
#include "worker/diffusion/sampling/samplers.h"
#include "worker/diffusion/sampling/timestep_start.h"

namespace darkroom::diffusion {

// DDIM with the guidance of Chung et al., "CFG++: manifold-constrained classifier free guidance for
// diffusion models" (2024), algorithm 2: the guided picture gets the unconditional noise back.
// AUTOMATIC1111: ddim_cfgpp, where the request's guidance scale is divided by 12.5
// (SamplerDefinition::guidance_factor).
Trajectory DdimCfgPlusPlus(SamplerContext& ctx) {
  auto [levels, x] = BeginOverTimesteps(ctx);
  const int calls = static_cast<int>(levels.size()) - 1;
  for (int i = calls - ctx.Carry(x); i > 0; --i) {
    const DiffusionLevel& from = levels[i];
    const DiffusionLevel& to = levels[i - 1];
    const double sigma = DdimSigma(from, to, ctx.options().eta);
    const auto [denoised, uncond] =
        co_await DenoiseBoth(from.Scaled(x), from.sigma(), from.timestep);
    const at::Tensor eps = from.Eps(x, uncond);
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
