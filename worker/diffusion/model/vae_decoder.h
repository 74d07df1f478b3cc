#ifndef DARKROOM_WORKER_DIFFUSION_MODEL_VAE_DECODER_H_
#define DARKROOM_WORKER_DIFFUSION_MODEL_VAE_DECODER_H_

#include <memory>
#include <vector>

#include "ATen/core/Tensor.h"
#include "absl/status/statusor.h"
#include "worker/diffusion/model/vae_blocks.h"
#include "worker/diffusion/ops/ops.h"
#include "worker/diffusion/weights/model_config.h"
#include "worker/diffusion/weights/weight_source.h"

namespace darkroom::diffusion {

// Latents to pixels (diffusers' Decoder and the convolution in front of it).
class VaeDecoder {
 public:
  // `weights` are the whole VAE's.
  static absl::StatusOr<VaeDecoder> Load(const VaeConfig& config, const WeightScope& weights,
                                         const Ops* ops);

  // [N, latent_channels, h, w] to float32 [N, 3, scale * h, scale * w].
  at::Tensor Forward(const at::Tensor& latents) const;

  // The same in bands of rows, except for the level of the latents themselves, a 64th of the
  // picture: its attention sees every pixel.
  at::Tensor ForwardInBands(const at::Tensor& latents) const;

 private:
  struct Level {
    std::vector<ResnetBlock> resnets;
    std::unique_ptr<const Convolution> upsample;  // null at the finest level
  };

  explicit VaeDecoder(VaeMidBlock middle) : middle_(std::move(middle)) {}

  // Up to the first level.
  at::Tensor ForwardMiddle(const at::Tensor& latents) const;

  const Ops* ops_ = nullptr;
  std::unique_ptr<const Convolution> post_quantization_, in_, out_;
  VaeMidBlock middle_;
  std::vector<Level> levels_;  // from the coarsest
  GroupNormWeights norm_;
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_MODEL_VAE_DECODER_H_
