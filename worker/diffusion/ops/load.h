#ifndef DARKROOM_WORKER_DIFFUSION_OPS_LOAD_H_
#define DARKROOM_WORKER_DIFFUSION_OPS_LOAD_H_

#include <memory>

#include "absl/status/statusor.h"
#include "worker/diffusion/ops/ops.h"
#include "worker/diffusion/weights/weight_source.h"

namespace darkroom::diffusion {

// Takes the tensors of one operation, "weight" and "bias" below the scope; Load also prepares it.

struct ConvolutionShape {
  int in = 0;
  int out = 0;
  int kernel = 3;
  int stride = 1;
  int padding = 1;
};

enum class Bias { kNo, kYes };

// The kernel in channels_last memory, as operations want it.
absl::StatusOr<ConvolutionWeights> TakeConvolution(const WeightScope& weights,
                                                   const ConvolutionShape& shape);

absl::StatusOr<LinearWeights> TakeLinear(const WeightScope& weights, int in, int out, Bias bias);

// A 1x1 convolution over pixels, stored as [out, in, 1, 1], as what it is: a linear over tokens.
absl::StatusOr<LinearWeights> TakePointwise(const WeightScope& weights, int in, int out);

absl::StatusOr<std::unique_ptr<const Convolution>> LoadConvolution(const WeightScope& weights,
                                                                   const ConvolutionShape& shape,
                                                                   const Ops& ops);

absl::StatusOr<std::unique_ptr<const Linear>> LoadLinear(const WeightScope& weights, int in,
                                                         int out, Bias bias, const Ops& ops);

absl::StatusOr<GroupNormWeights> LoadGroupNorm(const WeightScope& weights, int channels, int groups,
                                               double epsilon);
absl::StatusOr<LayerNormWeights> LoadLayerNorm(const WeightScope& weights, int channels,
                                               double epsilon);

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_OPS_LOAD_H_
