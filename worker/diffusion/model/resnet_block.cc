#include "worker/diffusion/model/resnet_block.h"

#include "common/status_macros.h"

namespace darkroom::diffusion {

absl::StatusOr<ResnetBlock> ResnetBlock::Load(const ResnetShape& shape, const NetworkScope& weights,
                                              const Ops* ops) {
  ResnetBlock block;
  block.ops_ = ops;
  DARKROOM_ASSIGN_OR_RETURN(
      block.norm1_, LoadGroupNorm(weights.Sub("norm1"), shape.in, shape.groups, shape.epsilon));
  DARKROOM_ASSIGN_OR_RETURN(
      block.convolution1_,
      LoadAdaptableConvolution(weights.Sub("conv1"), {.in = shape.in, .out = shape.out}, *ops));
  if (shape.time > 0) {
    DARKROOM_ASSIGN_OR_RETURN(
        block.time_,
        LoadAdaptableLinear(weights.Sub("time_emb_proj"), shape.time, shape.out, Bias::kYes, *ops));
  }
  DARKROOM_ASSIGN_OR_RETURN(
      block.norm2_, LoadGroupNorm(weights.Sub("norm2"), shape.out, shape.groups, shape.epsilon));
  DARKROOM_ASSIGN_OR_RETURN(
      block.convolution2_,
      LoadAdaptableConvolution(weights.Sub("conv2"), {.in = shape.out, .out = shape.out}, *ops));
  if (shape.in != shape.out) {
    const ConvolutionShape pointwise{.in = shape.in, .out = shape.out, .kernel = 1, .padding = 0};
    DARKROOM_ASSIGN_OR_RETURN(
        block.shortcut_, LoadAdaptableConvolution(weights.Sub("conv_shortcut"), pointwise, *ops));
  }
  return block;
}

at::Tensor ResnetBlock::Forward(const at::Tensor& x, const TimeRows* time,
                                const RowAdapters* rows) const {
  at::Tensor added;
  if (!time_.empty()) {
    added = time->Project(time_, rows).unsqueeze(-1).unsqueeze(-1);  // [N or 1, out, 1, 1]
  }
  at::Tensor hidden =
      convolution1_.Forward(ops_->GroupNorm(x, norm1_, Activation::kSilu), rows, added);
  hidden = ops_->GroupNorm(hidden, norm2_, Activation::kSilu);
  return convolution2_.Forward(hidden, rows, shortcut_.empty() ? x : shortcut_.Forward(x, rows));
}

at::Tensor ResnetBlock::Begin(const at::Tensor& x, const GroupSums& first) const {
  return convolution1_.Forward(ops_->GroupNormOfPart(x, first, norm1_, Activation::kSilu), nullptr);
}

at::Tensor ResnetBlock::Finish(const at::Tensor& x, const at::Tensor& begun,
                               const GroupSums& second) const {
  return convolution2_.Forward(ops_->GroupNormOfPart(begun, second, norm2_, Activation::kSilu),
                               nullptr, shortcut_.empty() ? x : shortcut_.Forward(x, nullptr));
}

}  // namespace darkroom::diffusion
