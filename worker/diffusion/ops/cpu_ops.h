#ifndef DARKROOM_WORKER_DIFFUSION_OPS_CPU_OPS_H_
#define DARKROOM_WORKER_DIFFUSION_OPS_CPU_OPS_H_

#include "worker/diffusion/ops/reference.h"

namespace darkroom::diffusion {

// What the CPU does faster than plain ATen.
//
// A group norm in float32 over channels_last pictures goes through memory three times whatever the
// channels of a group are; ATen's, with fewer than a vector's width of them, takes as long as the
// convolution behind it. A row's bits depend on that row alone, not even on the number of threads.
class CpuOps final : public ReferenceOps {
 public:
  at::Tensor GroupNorm(const at::Tensor& x, const GroupNormWeights& weights,
                       Activation activation) const override;
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_OPS_CPU_OPS_H_
