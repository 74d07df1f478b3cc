#ifndef DARKROOM_WORKER_DIFFUSION_MODEL_RESNET_BLOCK_H_
#define DARKROOM_WORKER_DIFFUSION_MODEL_RESNET_BLOCK_H_

#include <memory>

#include "ATen/core/Tensor.h"
#include "absl/status/statusor.h"
#include "worker/diffusion/model/time_embedding.h"
#include "worker/diffusion/ops/ops.h"
#include "worker/diffusion/weights/weight_source.h"

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
  static absl::StatusOr<ResnetBlock> Load(const ResnetShape& shape, const WeightScope& weights,
                                          const Ops* ops);

  // [N, in, H, W] to [N, out, H, W]. `time` is null exactly where shape.time is 0.
  at::Tensor Forward(const at::Tensor& x, const TimeRows* time) const;

 private:
  ResnetBlock() = default;

  const Ops* ops_ = nullptr;
  GroupNormWeights norm1_, norm2_;
  std::unique_ptr<const Convolution> convolution1_, convolution2_;
  std::unique_ptr<const Convolution> shortcut_;  // null where in == out
  std::unique_ptr<const Linear> time_;           // null where the block knows no time
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_MODEL_RESNET_BLOCK_H_
