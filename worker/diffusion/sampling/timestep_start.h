#ifndef DARKROOM_WORKER_DIFFUSION_SAMPLING_TIMESTEP_START_H_
#define DARKROOM_WORKER_DIFFUSION_SAMPLING_TIMESTEP_START_H_

#include <cstddef>
#include <vector>

#include "ATen/TensorOperators.h"
#include "worker/diffusion/sampling/diffusion_level.h"
#include "worker/diffusion/sampling/sampler.h"

namespace darkroom::diffusion {

// Where a sampler over timesteps begins: its levels, the least noisy first, and x in their scale.
struct TimestepStart {
  std::vector<DiffusionLevel> levels;
  at::Tensor x;
};

// A picture is noised to the level after the last of those that are left, as AUTOMATIC1111's
// CompVisSampler.sample_img2img does, which may be none.
inline TimestepStart BeginOverTimesteps(const SamplerContext& ctx) {
  const InitLatent* init = ctx.init();
  if (init == nullptr) return {DdimLevels(ctx.model(), ctx.steps()), ctx.initial_noise()};
  std::vector<DiffusionLevel> levels = DdimLevels(ctx.model(), init->steps);
  const DiffusionLevel top = levels[init->encoded_steps];
  levels.resize(static_cast<std::size_t>(init->encoded_steps));
  return {std::move(levels), init->latent * top.signal + ctx.initial_noise() * top.noise};
}

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_SAMPLING_TIMESTEP_START_H_
