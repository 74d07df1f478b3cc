#ifndef DARKROOM_WORKER_DIFFUSION_OPS_TIMESTEP_EMBEDDING_H_
#define DARKROOM_WORKER_DIFFUSION_OPS_TIMESTEP_EMBEDDING_H_

#include "ATen/core/Tensor.h"

namespace darkroom::diffusion {

// The sinusoids of one point in time, [1, size] float32 on the CPU (Vaswani et al. 2017, "Attention
// Is All You Need"; diffusers' get_timestep_embedding with scale 1 and period 10,000). The cosines
// come first when `cosine_first`; an odd size ends in a zero. Requires size >= 2.
at::Tensor TimestepEmbedding(double timestep, int size, bool cosine_first, double frequency_shift);

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_OPS_TIMESTEP_EMBEDDING_H_
