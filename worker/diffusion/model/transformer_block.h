#ifndef DARKROOM_WORKER_DIFFUSION_MODEL_TRANSFORMER_BLOCK_H_
#define DARKROOM_WORKER_DIFFUSION_MODEL_TRANSFORMER_BLOCK_H_

#include <memory>

#include "ATen/core/Tensor.h"
#include "absl/status/statusor.h"
#include "worker/diffusion/ops/ops.h"
#include "worker/diffusion/weights/weight_source.h"

namespace darkroom::diffusion {

// Multi-head attention from one sequence to another (Vaswani et al. 2017), with a residual.
class CrossAttention {
 public:
  // Holds nothing until one that Load made is assigned to it.
  CrossAttention() = default;

  // `context`: channels of the tokens looked at, the same as `channels` for self-attention.
  static absl::StatusOr<CrossAttention> Load(int channels, int context, int heads,
                                             const WeightScope& weights, const Ops* ops);

  // residual + attention from `x` [N, T, C] to `context` [N, S, context]; [N, T, C].
  at::Tensor Forward(const at::Tensor& x, const at::Tensor& context,
                     const at::Tensor& residual) const;

 private:
  const Ops* ops_ = nullptr;
  int heads_ = 1;
  std::unique_ptr<const Linear> query_, key_, value_, out_;
};

// Self-attention, attention to the text, a gated feed-forward net, each behind a norm and around a
// residual (diffusers' BasicTransformerBlock).
class TransformerBlock {
 public:
  // `context`: channels of a context token.
  static absl::StatusOr<TransformerBlock> Load(int channels, int context, int heads,
                                               const WeightScope& weights, const Ops* ops);

  // tokens [N, T, channels], context [N, S, context]; [N, T, channels].
  at::Tensor Forward(at::Tensor tokens, const at::Tensor& context) const;

 private:
  TransformerBlock() = default;

  const Ops* ops_ = nullptr;
  LayerNormWeights norm1_, norm2_, norm3_;
  CrossAttention self_, cross_;
  std::unique_ptr<const GatedLinear> widen_;
  std::unique_ptr<const Linear> narrow_;
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_MODEL_TRANSFORMER_BLOCK_H_
