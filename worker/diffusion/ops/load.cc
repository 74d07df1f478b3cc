#include "worker/diffusion/ops/load.h"

#include "common/status_macros.h"

namespace darkroom::diffusion {

absl::StatusOr<std::unique_ptr<const Convolution>> LoadConvolution(const WeightScope& weights,
                                                                   const ConvolutionShape& shape,
                                                                   const Ops& ops) {
  ConvolutionWeights taken;
  taken.stride = shape.stride;
  taken.padding = shape.padding;
  DARKROOM_ASSIGN_OR_RETURN(
      taken.weight, weights.Take("weight", {shape.out, shape.in, shape.kernel, shape.kernel}));
  DARKROOM_ASSIGN_OR_RETURN(taken.bias, weights.Take("bias", {shape.out}));
  return ops.Prepare(std::move(taken));
}

absl::StatusOr<std::unique_ptr<const Linear>> LoadLinear(const WeightScope& weights, int in,
                                                         int out, Bias bias, const Ops& ops) {
  LinearWeights taken;
  DARKROOM_ASSIGN_OR_RETURN(taken.weight, weights.Take("weight", {out, in}));
  if (bias == Bias::kYes) {
    DARKROOM_ASSIGN_OR_RETURN(taken.bias, weights.Take("bias", {out}));
  }
  return ops.Prepare(std::move(taken));
}

absl::StatusOr<std::unique_ptr<const Linear>> LoadPointwise(const WeightScope& weights, int in,
                                                            int out, const Ops& ops) {
  LinearWeights taken;
  DARKROOM_ASSIGN_OR_RETURN(const at::Tensor kernel, weights.Take("weight", {out, in, 1, 1}));
  taken.weight = kernel.view({out, in});
  DARKROOM_ASSIGN_OR_RETURN(taken.bias, weights.Take("bias", {out}));
  return ops.Prepare(std::move(taken));
}

absl::StatusOr<std::unique_ptr<const GatedLinear>> LoadGatedLinear(const WeightScope& weights,
                                                                   int in, int out,
                                                                   const Ops& ops) {
  LinearWeights taken;
  DARKROOM_ASSIGN_OR_RETURN(taken.weight, weights.Take("weight", {2 * out, in}));
  DARKROOM_ASSIGN_OR_RETURN(taken.bias, weights.Take("bias", {2 * out}));
  return ops.PrepareGated(std::move(taken));
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
