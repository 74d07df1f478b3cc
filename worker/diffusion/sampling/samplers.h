#ifndef DARKROOM_WORKER_DIFFUSION_SAMPLING_SAMPLERS_H_
#define DARKROOM_WORKER_DIFFUSION_SAMPLING_SAMPLERS_H_

#include "worker/diffusion/sampling/sampler.h"
#include "worker/diffusion/sampling/trajectory.h"

namespace darkroom::diffusion {

// One coroutine a file: euler.cc, euler_ancestral.cc, …
Trajectory Euler(SamplerContext& ctx);
Trajectory EulerAncestral(SamplerContext& ctx);
Trajectory Heun(SamplerContext& ctx);
Trajectory Lms(SamplerContext& ctx);
Trajectory Dpm2(SamplerContext& ctx);
Trajectory Dpm2Ancestral(SamplerContext& ctx);
Trajectory DpmFast(SamplerContext& ctx);
Trajectory DpmAdaptive(SamplerContext& ctx);
Trajectory DpmPlusPlus2M(SamplerContext& ctx);
Trajectory DpmPlusPlus2SAncestral(SamplerContext& ctx);
Trajectory DpmPlusPlusSde(SamplerContext& ctx);
Trajectory DpmPlusPlus2MSde(SamplerContext& ctx);
Trajectory DpmPlusPlus2MSdeHeun(SamplerContext& ctx);  // in dpmpp_2m_sde.cc
Trajectory DpmPlusPlus3MSde(SamplerContext& ctx);
Trajectory Restart(SamplerContext& ctx);
Trajectory Ddim(SamplerContext& ctx);
Trajectory DdimCfgPlusPlus(SamplerContext& ctx);
Trajectory Plms(SamplerContext& ctx);
Trajectory UniPc(SamplerContext& ctx);
Trajectory Lcm(SamplerContext& ctx);

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_SAMPLING_SAMPLERS_H_
