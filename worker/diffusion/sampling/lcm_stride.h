#ifndef DARKROOM_WORKER_DIFFUSION_SAMPLING_LCM_STRIDE_H_
#define DARKROOM_WORKER_DIFFUSION_SAMPLING_LCM_STRIDE_H_

#include <algorithm>

#include "worker/diffusion/sampling/noise_schedule.h"

namespace darkroom::diffusion {

// A latent consistency model knows every so-manieth of its teacher's timesteps: 50 of them.
inline int LcmStride(const NoiseSchedule& teacher) { return std::max(1, teacher.timesteps() / 50); }

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_SAMPLING_LCM_STRIDE_H_
