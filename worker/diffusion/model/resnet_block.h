#ifndef DARKROOM_WORKER_DIFFUSION_MODEL_RESNET_BLOCK_H_
#define DARKROOM_WORKER_DIFFUSION_MODEL_RESNET_BLOCK_H_

#include <memory>

#include "ATen/core/Tensor.h"
#include "absl/status/statusor.h"
#include "worker/diffusion/adapters/adaptable.h"
#include "worker/diffusion/model/time_embedding.h"
#include "worker/diffusion/ops/ops.h"

namespace darkroom::diffusion {

struct ResnetShape {
  int in = 0;
  int out = 0;
  int time = 0;  // size of the time embedding; 0 where the block knows no time, as in the VAE
  int groups = 32;
  double epsilon = 1e-5;
};

// Norm, SiLU, convolution, twice, around a shortcut; time is added in between (He et al. 2016,
// "Identity Mappings in Deep Residual Networks"; diffusers' ResnetBlock2D).
class ResnetBlock {
 public:
  static absl::StatusOr<ResnetBlock> Load(const ResnetShape& shape, const NetworkScope& weights,
                                          const Ops* ops);

  // [N, in, H, W] to [N, out, H, W]. `time` is null exactly where shape.time is 0. `rows`: the
  // adapters of the N rows, or null.
  at::Tensor Forward(const at::Tensor& x, const TimeRows* time, const RowAdapters* rows) const;

  // The same without time and adapters for a part of a picture, in two halves that each begin with
  // a norm of the whole: Finish(x, Begin(x, first), second), where the sums are of all parts of x
  // and of what Begin makes of them.
  int groups() const { return norm1_.groups; }
  at::Tensor Begin(const at::Tensor& x, const GroupSums& first) const;
  at::Tensor Finish(const at::Tensor& x, const at::Tensor& begun, const GroupSums& second) const;

 private:
  ResnetBlock() = default;

  const Ops* ops_ = nullptr;
  GroupNormWeights norm1_, norm2_;
  AdaptableConvolution convolution1_, convolution2_;
  AdaptableConvolution shortcut_;  // empty where in == out
  AdaptableLinear time_;           // empty where the block knows no time
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_MODEL_RESNET_BLOCK_H_
