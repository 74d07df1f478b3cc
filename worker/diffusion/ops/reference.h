#ifndef DARKROOM_WORKER_DIFFUSION_OPS_REFERENCE_H_
#define DARKROOM_WORKER_DIFFUSION_OPS_REFERENCE_H_

#include <memory>

#include "worker/diffusion/ops/ops.h"

namespace darkroom::diffusion {

// Plain ATen, on any device and in any floating dtype: what every operation means.
class ReferenceOps : public Ops {
 public:
  std::unique_ptr<const Convolution> Prepare(ConvolutionWeights weights) const override;
  std::unique_ptr<const Linear> Prepare(LinearWeights weights) const override;
  std::unique_ptr<const GatedLinear> PrepareGated(LinearWeights weights) const override;
  at::Tensor GroupNorm(const at::Tensor& x, const GroupNormWeights& weights,
                       Activation activation) const override;
  void AddTo(GroupSums* sums, const at::Tensor& x, int groups) const override;
  at::Tensor GroupNormOfPart(const at::Tensor& x, const GroupSums& sums,
                             const GroupNormWeights& weights, Activation activation) const override;
  at::Tensor LayerNorm(const at::Tensor& x, const LayerNormWeights& weights) const override;
  at::Tensor Attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, int heads,
                       bool causal) const override;
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_OPS_REFERENCE_H_
