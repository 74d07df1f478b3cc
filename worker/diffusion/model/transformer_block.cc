#include "worker/diffusion/model/transformer_block.h"

#include "common/status_macros.h"
#include "worker/diffusion/ops/load.h"

namespace darkroom::diffusion {
namespace {

// Fixed in the architecture, whatever the config says of the resnets' norms.
constexpr double kGroupNormEpsilon = 1e-6;
constexpr double kLayerNormEpsilon = 1e-5;
constexpr int kFeedForwardFactor = 4;

absl::StatusOr<std::unique_ptr<const Linear>> LoadProjection(const TransformerShape& shape,
                                                             const WeightScope& weights,
                                                             const Ops& ops) {
  return shape.linear_projection
             ? LoadLinear(weights, shape.channels, shape.channels, Bias::kYes, ops)
             : LoadPointwise(weights, shape.channels, shape.channels, ops);
}

}  // namespace

absl::StatusOr<CrossAttention> CrossAttention::Load(int channels, int context, int heads,
                                                    const WeightScope& weights, const Ops* ops) {
  CrossAttention attention;
  attention.ops_ = ops;
  attention.heads_ = heads;
  DARKROOM_ASSIGN_OR_RETURN(attention.query_,
                            LoadLinear(weights.Sub("to_q"), channels, channels, Bias::kNo, *ops));
  DARKROOM_ASSIGN_OR_RETURN(attention.key_,
                            LoadLinear(weights.Sub("to_k"), context, channels, Bias::kNo, *ops));
  DARKROOM_ASSIGN_OR_RETURN(attention.value_,
                            LoadLinear(weights.Sub("to_v"), context, channels, Bias::kNo, *ops));
  DARKROOM_ASSIGN_OR_RETURN(
      attention.out_, LoadLinear(weights.Sub("to_out", 0), channels, channels, Bias::kYes, *ops));
  return attention;
}

at::Tensor CrossAttention::Forward(const at::Tensor& x, const at::Tensor& context,
                                   const at::Tensor& residual) const {
  const at::Tensor mixed = ops_->Attention(query_->Forward(x), key_->Forward(context),
                                           value_->Forward(context), heads_, /*causal=*/false);
  return out_->Forward(mixed, residual);
}

absl::StatusOr<TransformerBlock> TransformerBlock::Load(const TransformerShape& shape,
                                                        const WeightScope& weights,
                                                        const Ops* ops) {
  const int channels = shape.channels;
  const WeightScope inner = weights.Sub("transformer_blocks", 0);
  const auto load_norm = [&](absl::string_view name) {
    return LoadLayerNorm(inner.Sub(name), channels, kLayerNormEpsilon);
  };
  TransformerBlock block;
  block.ops_ = ops;
  DARKROOM_ASSIGN_OR_RETURN(
      block.norm_, LoadGroupNorm(weights.Sub("norm"), channels, shape.groups, kGroupNormEpsilon));
  DARKROOM_ASSIGN_OR_RETURN(block.project_in_, LoadProjection(shape, weights.Sub("proj_in"), *ops));
  DARKROOM_ASSIGN_OR_RETURN(block.norm1_, load_norm("norm1"));
  DARKROOM_ASSIGN_OR_RETURN(
      block.self_, CrossAttention::Load(channels, channels, shape.heads, inner.Sub("attn1"), ops));
  DARKROOM_ASSIGN_OR_RETURN(block.norm2_, load_norm("norm2"));
  DARKROOM_ASSIGN_OR_RETURN(block.cross_, CrossAttention::Load(channels, shape.context, shape.heads,
                                                               inner.Sub("attn2"), ops));
  DARKROOM_ASSIGN_OR_RETURN(block.norm3_, load_norm("norm3"));
  const int wide = kFeedForwardFactor * channels;
  DARKROOM_ASSIGN_OR_RETURN(block.widen_, LoadGatedLinear(inner.Sub("ff").Sub("net", 0).Sub("proj"),
                                                          channels, wide, *ops));
  DARKROOM_ASSIGN_OR_RETURN(
      block.narrow_, LoadLinear(inner.Sub("ff").Sub("net", 2), wide, channels, Bias::kYes, *ops));
  DARKROOM_ASSIGN_OR_RETURN(block.project_out_,
                            LoadProjection(shape, weights.Sub("proj_out"), *ops));
  return block;
}

at::Tensor TransformerBlock::Forward(const at::Tensor& x, const at::Tensor& context) const {
  const at::IntArrayRef size = x.sizes();
  // [N, C, H, W] to [N, H * W, C]: no copy of channels_last memory.
  const auto to_tokens = [&](const at::Tensor& picture) {
    return picture.permute({0, 2, 3, 1}).reshape({size[0], size[2] * size[3], size[1]});
  };
  const at::Tensor normed = ops_->GroupNorm(x, norm_, Activation::kNone);
  at::Tensor tokens = project_in_->Forward(to_tokens(normed));
  const at::Tensor query = ops_->LayerNorm(tokens, norm1_);
  tokens = self_.Forward(query, query, tokens);
  tokens = cross_.Forward(ops_->LayerNorm(tokens, norm2_), context, tokens);
  tokens = narrow_->Forward(widen_->Forward(ops_->LayerNorm(tokens, norm3_)), tokens);
  tokens = project_out_->Forward(tokens, to_tokens(x));
  return tokens.view({size[0], size[2], size[3], size[1]}).permute({0, 3, 1, 2});
}

}  // namespace darkroom::diffusion
