#ifndef DARKROOM_WORKER_DIFFUSION_MODEL_TRANSFORMER_BLOCK_H_
#define DARKROOM_WORKER_DIFFUSION_MODEL_TRANSFORMER_BLOCK_H_

#include <memory>

#include "ATen/core/Tensor.h"
#include "absl/status/statusor.h"
#include "worker/diffusion/adapters/adaptable.h"
#include "worker/diffusion/ops/ops.h"

namespace darkroom::diffusion {

// Multi-head attention from one sequence to another (Vaswani et al. 2017), with a residual.
class CrossAttention {
 public:
  // Holds nothing until one that Load made is assigned to it.
  CrossAttention() = default;

  // `context`: channels of the tokens looked at, the same as `channels` for self-attention.
  static absl::StatusOr<CrossAttention> Load(int channels, int context, int heads,
                                             const NetworkScope& weights, const Ops* ops);

  // residual + attention from `x` [N, T, C] to `context` [N, S, context]; [N, T, C]. `rows`: the
  // adapters of the N rows, or null.
  at::Tensor Forward(const at::Tensor& x, const at::Tensor& context, const at::Tensor& residual,
                     const RowAdapters* rows) const;

 private:
  const Ops* ops_ = nullptr;
  int heads_ = 1;
  AdaptableLinear query_, key_, value_, out_;
};

// Self-attention, attention to the text, a gated feed-forward net, each behind a norm and around a
// residual (diffusers' BasicTransformerBlock).
class TransformerBlock {
 public:
  // `context`: channels of a context token.
  static absl::StatusOr<TransformerBlock> Load(int channels, int context, int heads,
                                               const NetworkScope& weights, const Ops* ops);

  // tokens [N, T, channels], context [N, S, context]; [N, T, channels]. `rows`: the adapters of the
  // N rows, or null.
  at::Tensor Forward(at::Tensor tokens, const at::Tensor& context, const RowAdapters* rows) const;

 private:
  TransformerBlock() = default;

  const Ops* ops_ = nullptr;
  LayerNormWeights norm1_, norm2_, norm3_;
  CrossAttention self_, cross_;
  AdaptableGatedLinear widen_;
  AdaptableLinear narrow_;
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_MODEL_TRANSFORMER_BLOCK_H_
