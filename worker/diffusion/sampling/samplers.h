#ifndef DARKROOM_WORKER_DIFFUSION_SAMPLING_SAMPLERS_H_
#define DARKROOM_WORKER_DIFFUSION_SAMPLING_SAMPLERS_H_

#include "worker/diffusion/sampling/sampler.h"
#include "worker/diffusion/sampling/trajectory.h"

namespace darkroom::diffusion {

// One coroutine a file: euler.cc, euler_ancestral.cc, …
Trajectory Euler(SamplerContext& ctx);
Trajectory EulerAncestral(SamplerContext& ctx);
Trajectory DpmPlusPlus2M(SamplerContext& ctx);
Trajectory Ddim(SamplerContext& ctx);

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_SAMPLING_SAMPLERS_H_
