#ifndef DARKROOM_WORKER_DIFFUSION_MODEL_VAE_ENCODER_H_
#define DARKROOM_WORKER_DIFFUSION_MODEL_VAE_ENCODER_H_

#include <memory>
#include <vector>

#include "ATen/core/Tensor.h"
#include "absl/status/statusor.h"
#include "worker/diffusion/model/vae_blocks.h"
#include "worker/diffusion/ops/ops.h"
#include "worker/diffusion/weights/model_config.h"
#include "worker/diffusion/weights/weight_source.h"

namespace darkroom::diffusion {

// Pixels to latents (diffusers' Encoder and the convolution behind it).
class VaeEncoder {
 public:
  // `weights` are the whole VAE's.
  static absl::StatusOr<VaeEncoder> Load(const VaeConfig& config, const WeightScope& weights,
                                         const Ops* ops);

  // [N, 3, H, W] to float32 [N, 2 * latent_channels, H / scale, W / scale]: the means, then the
  // logarithms of the variances.
  at::Tensor Forward(const at::Tensor& pixels) const;

  // The same in bands of rows, except for the coarsest level, as in the decoder.
  at::Tensor ForwardInBands(const at::Tensor& pixels) const;

 private:
  struct Level {
    std::vector<ResnetBlock> resnets;
    std::unique_ptr<const Convolution> downsample;  // null at the coarsest level
  };

  explicit VaeEncoder(VaeMidBlock middle) : middle_(std::move(middle)) {}

  // From the coarsest level's resnets on.
  at::Tensor ForwardMiddle(at::Tensor x) const;

  const Ops* ops_ = nullptr;
  std::unique_ptr<const Convolution> in_, out_, quantization_;
  std::vector<Level> levels_;  // from the finest
  VaeMidBlock middle_;
  GroupNormWeights norm_;
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_MODEL_VAE_ENCODER_H_
