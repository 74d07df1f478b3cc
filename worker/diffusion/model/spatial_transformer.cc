#include "worker/diffusion/model/spatial_transformer.h"

#include <utility>

#include "common/status_macros.h"

namespace darkroom::diffusion {
namespace {

// Fixed in the architecture, whatever the config says of the resnets' norms.
constexpr double kGroupNormEpsilon = 1e-6;

absl::StatusOr<AdaptableLinear> LoadProjection(const TransformerShape& shape,
                                               const NetworkScope& weights, const Ops& ops) {
  return shape.linear_projection
             ? LoadAdaptableLinear(weights, shape.channels, shape.channels, Bias::kYes, ops)
             : LoadAdaptablePointwise(weights, shape.channels, shape.channels, ops);
}

}  // namespace

absl::StatusOr<SpatialTransformer> SpatialTransformer::Load(const TransformerShape& shape,
                                                            const NetworkScope& weights,
                                                            const Ops* ops) {
  SpatialTransformer transformer;
  transformer.ops_ = ops;
  DARKROOM_ASSIGN_OR_RETURN(transformer.norm_, LoadGroupNorm(weights.Sub("norm"), shape.channels,
                                                             shape.groups, kGroupNormEpsilon));
  DARKROOM_ASSIGN_OR_RETURN(transformer.project_in_,
                            LoadProjection(shape, weights.Sub("proj_in"), *ops));
  for (int i = 0; i < shape.layers; ++i) {
    DARKROOM_ASSIGN_OR_RETURN(TransformerBlock block,
                              TransformerBlock::Load(shape.channels, shape.context, shape.heads,
                                                     weights.Sub("transformer_blocks", i), ops));
    transformer.blocks_.push_back(std::move(block));
  }
  DARKROOM_ASSIGN_OR_RETURN(transformer.project_out_,
                            LoadProjection(shape, weights.Sub("proj_out"), *ops));
  return transformer;
}

at::Tensor SpatialTransformer::Forward(const at::Tensor& x, const at::Tensor& context,
                                       const RowAdapters* rows) const {
  const at::IntArrayRef size = x.sizes();
  // [N, C, H, W] to [N, H * W, C]: no copy of channels_last memory.
  const auto to_tokens = [&](const at::Tensor& picture) {
    return picture.permute({0, 2, 3, 1}).reshape({size[0], size[2] * size[3], size[1]});
  };
  const at::Tensor normed = ops_->GroupNorm(x, norm_, Activation::kNone);
  at::Tensor tokens = project_in_.Forward(to_tokens(normed), rows);
  for (const TransformerBlock& block : blocks_) {
    tokens = block.Forward(std::move(tokens), context, rows);
  }
  tokens = project_out_.Forward(tokens, rows, to_tokens(x));
  return tokens.view({size[0], size[2], size[3], size[1]}).permute({0, 3, 1, 2});
}

}  // namespace darkroom::diffusion
