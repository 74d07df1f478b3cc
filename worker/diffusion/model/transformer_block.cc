#include "worker/diffusion/model/transformer_block.h"

#include "common/status_macros.h"

namespace darkroom::diffusion {
namespace {

// Fixed in the architecture, whatever the config says of the resnets' norms.
constexpr double kLayerNormEpsilon = 1e-5;
constexpr int kFeedForwardFactor = 4;

}  // namespace

absl::StatusOr<CrossAttention> CrossAttention::Load(int channels, int context, int heads,
                                                    const NetworkScope& weights, const Ops* ops) {
  CrossAttention attention;
  attention.ops_ = ops;
  attention.heads_ = heads;
  DARKROOM_ASSIGN_OR_RETURN(attention.query_, LoadAdaptableLinear(weights.Sub("to_q"), channels,
                                                                  channels, Bias::kNo, *ops));
  DARKROOM_ASSIGN_OR_RETURN(
      attention.key_, LoadAdaptableLinear(weights.Sub("to_k"), context, channels, Bias::kNo, *ops));
  DARKROOM_ASSIGN_OR_RETURN(attention.value_, LoadAdaptableLinear(weights.Sub("to_v"), context,
                                                                  channels, Bias::kNo, *ops));
  DARKROOM_ASSIGN_OR_RETURN(attention.out_, LoadAdaptableLinear(weights.Sub("to_out", 0), channels,
                                                                channels, Bias::kYes, *ops));
  return attention;
}

at::Tensor CrossAttention::Forward(const at::Tensor& x, const at::Tensor& context,
                                   const at::Tensor& residual, const RowAdapters* rows) const {
  const at::Tensor mixed = ops_->Attention(query_.Forward(x, rows), key_.Forward(context, rows),
                                           value_.Forward(context, rows), heads_, /*causal=*/false);
  return out_.Forward(mixed, rows, residual);
}

absl::StatusOr<TransformerBlock> TransformerBlock::Load(int channels, int context, int heads,
                                                        const NetworkScope& weights,
                                                        const Ops* ops) {
  const auto load_norm = [&](absl::string_view name) {
    return LoadLayerNorm(weights.Sub(name), channels, kLayerNormEpsilon);
  };
  const NetworkScope feed_forward = weights.Sub("ff");
  const int wide = kFeedForwardFactor * channels;
  TransformerBlock block;
  block.ops_ = ops;
  DARKROOM_ASSIGN_OR_RETURN(block.norm1_, load_norm("norm1"));
  DARKROOM_ASSIGN_OR_RETURN(
      block.self_, CrossAttention::Load(channels, channels, heads, weights.Sub("attn1"), ops));
  DARKROOM_ASSIGN_OR_RETURN(block.norm2_, load_norm("norm2"));
  DARKROOM_ASSIGN_OR_RETURN(
      block.cross_, CrossAttention::Load(channels, context, heads, weights.Sub("attn2"), ops));
  DARKROOM_ASSIGN_OR_RETURN(block.norm3_, load_norm("norm3"));
  DARKROOM_ASSIGN_OR_RETURN(block.widen_, LoadAdaptableGated(feed_forward.Sub("net", 0).Sub("proj"),
                                                             channels, wide, *ops));
  DARKROOM_ASSIGN_OR_RETURN(block.narrow_, LoadAdaptableLinear(feed_forward.Sub("net", 2), wide,
                                                               channels, Bias::kYes, *ops));
  return block;
}

at::Tensor TransformerBlock::Forward(at::Tensor tokens, const at::Tensor& context,
                                     const RowAdapters* rows) const {
  const at::Tensor query = ops_->LayerNorm(tokens, norm1_);
  tokens = self_.Forward(query, query, tokens, rows);
  tokens = cross_.Forward(ops_->LayerNorm(tokens, norm2_), context, tokens, rows);
  return narrow_.Forward(widen_.Forward(ops_->LayerNorm(tokens, norm3_), rows), rows, tokens);
}

}  // namespace darkroom::diffusion
