#include "worker/diffusion/ops/load.h"

#include <utility>

#include "common/status_macros.h"

namespace darkroom::diffusion {

absl::StatusOr<ConvolutionWeights> TakeConvolution(const WeightScope& weights,
                                                   const ConvolutionShape& shape) {
  ConvolutionWeights taken;
  taken.stride = shape.stride;
  taken.padding = shape.padding;
  DARKROOM_ASSIGN_OR_RETURN(
      const at::Tensor kernel,
      weights.Take("weight", {shape.out, shape.in, shape.kernel, shape.kernel}));
  taken.weight = kernel.contiguous(at::MemoryFormat::ChannelsLast);
  DARKROOM_ASSIGN_OR_RETURN(taken.bias, weights.Take("bias", {shape.out}));
  return taken;
}

absl::StatusOr<LinearWeights> TakeLinear(const WeightScope& weights, int in, int out, Bias bias) {
  LinearWeights taken;
  DARKROOM_ASSIGN_OR_RETURN(taken.weight, weights.Take("weight", {out, in}));
  if (bias == Bias::kYes) {
    DARKROOM_ASSIGN_OR_RETURN(taken.bias, weights.Take("bias", {out}));
  }
  return taken;
}

absl::StatusOr<LinearWeights> TakePointwise(const WeightScope& weights, int in, int out) {
  LinearWeights taken;
  DARKROOM_ASSIGN_OR_RETURN(const at::Tensor kernel, weights.Take("weight", {out, in, 1, 1}));
  taken.weight = kernel.view({out, in});
  DARKROOM_ASSIGN_OR_RETURN(taken.bias, weights.Take("bias", {out}));
  return taken;
}

absl::StatusOr<std::unique_ptr<const Convolution>> LoadConvolution(const WeightScope& weights,
                                                                   const ConvolutionShape& shape,
                                                                   const Ops& ops) {
  DARKROOM_ASSIGN_OR_RETURN(ConvolutionWeights taken, TakeConvolution(weights, shape));
  return ops.Prepare(std::move(taken));
}

absl::StatusOr<std::unique_ptr<const Linear>> LoadLinear(const WeightScope& weights, int in,
                                                         int out, Bias bias, const Ops& ops) {
  DARKROOM_ASSIGN_OR_RETURN(LinearWeights taken, TakeLinear(weights, in, out, bias));
  return ops.Prepare(std::move(taken));
}

absl::StatusOr<GroupNormWeights> LoadGroupNorm(const WeightScope& weights, int channels, int groups,
                                               double epsilon) {
  GroupNormWeights taken;
  taken.groups = groups;
  taken.epsilon = epsilon;
  DARKROOM_ASSIGN_OR_RETURN(taken.scale, weights.Take("weight", {channels}));
  DARKROOM_ASSIGN_OR_RETURN(taken.shift, weights.Take("bias", {channels}));
  return taken;
}

absl::StatusOr<LayerNormWeights> LoadLayerNorm(const WeightScope& weights, int channels,
                                               double epsilon) {
  LayerNormWeights taken;
  taken.epsilon = epsilon;
  DARKROOM_ASSIGN_OR_RETURN(taken.scale, weights.Take("weight", {channels}));
  DARKROOM_ASSIGN_OR_RETURN(taken.shift, weights.Take("bias", {channels}));
  return taken;
}

}  // namespace darkroom::diffusion
