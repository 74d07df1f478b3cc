#ifndef DARKROOM_WORKER_DIFFUSION_MODEL_VAE_BLOCKS_H_
#define DARKROOM_WORKER_DIFFUSION_MODEL_VAE_BLOCKS_H_

#include <memory>
#include <vector>

#include "ATen/core/Tensor.h"
#include "absl/status/statusor.h"
#include "worker/diffusion/model/resnet_block.h"
#include "worker/diffusion/ops/ops.h"
#include "worker/diffusion/weights/model_config.h"
#include "worker/diffusion/weights/weight_source.h"

namespace darkroom::diffusion {

// What the encoder and the decoder of the VAE are made of. Pictures are [N, C, H, W].

// Of every norm in a VAE; its config has no key for it.
inline constexpr double kVaeEpsilon = 1e-6;

// Resnets of one level, without time: the first goes from `in` to `out` channels.
absl::StatusOr<std::vector<ResnetBlock>> LoadVaeResnets(const VaeConfig& config, int count, int in,
                                                        int out, const WeightScope& weights,
                                                        const Ops* ops);

// Attention of one head from every pixel to every pixel (diffusers' Attention with spatial norm
// off), with a residual.
class PixelAttention {
 public:
  static absl::StatusOr<PixelAttention> Load(const VaeConfig& config, int channels,
                                             const WeightScope& weights, const Ops* ops);

  at::Tensor Forward(const at::Tensor& x) const;

 private:
  PixelAttention() = default;

  const Ops* ops_ = nullptr;
  GroupNormWeights norm_;
  std::unique_ptr<const Linear> query_, key_, value_, out_;
};

// Resnet, attention, resnet at the coarsest level.
class VaeMidBlock {
 public:
  static absl::StatusOr<VaeMidBlock> Load(const VaeConfig& config, const WeightScope& weights,
                                          const Ops* ops);

  at::Tensor Forward(const at::Tensor& x) const;

 private:
  VaeMidBlock(std::vector<ResnetBlock> resnets, PixelAttention attention);

  std::vector<ResnetBlock> resnets_;  // two
  PixelAttention attention_;
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_MODEL_VAE_BLOCKS_H_
