#ifndef DARKROOM_WORKER_DIFFUSION_OPS_CPU_GROUP_NORM_H_
#define DARKROOM_WORKER_DIFFUSION_OPS_CPU_GROUP_NORM_H_

#include "ATen/core/Tensor.h"
#include "worker/diffusion/ops/ops.h"

namespace darkroom::diffusion {

// Ops::GroupNorm in two parts, for x [N, C, H, W], float32 in channels_last memory on the CPU. Goes
// through memory three times whatever the channels of a group are; ATen's, where they are fewer
// than a vector is wide, takes as long as the convolution behind it. A row's bits depend on that
// row alone.

// Whether x is such a picture.
bool CpuGroupNormTakes(const at::Tensor& x);

// Ops::AddTo.
void AddToCpuGroupSums(GroupSums* sums, const at::Tensor& x, int groups);

// Ops::GroupNormOfPart.
at::Tensor CpuGroupNorm(const at::Tensor& x, const GroupSums& sums, const GroupNormWeights& weights,
                        Activation activation);

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_OPS_CPU_GROUP_NORM_H_
