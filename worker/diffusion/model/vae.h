#ifndef DARKROOM_WORKER_DIFFUSION_MODEL_VAE_H_
#define DARKROOM_WORKER_DIFFUSION_MODEL_VAE_H_

#include <cstdint>
#include <memory>

#include "ATen/core/Tensor.h"
#include "absl/status/statusor.h"
#include "worker/diffusion/ops/ops.h"
#include "worker/diffusion/weights/model_config.h"
#include "worker/diffusion/weights/weight_source.h"

namespace darkroom::diffusion {

// Pictures of more pixels than this go through the VAE in bands: above SDXL's 1024 x 1024, so that
// the sizes that models were made for keep their bits.
inline constexpr std::int64_t kVaeWholePixels = std::int64_t{1024} * 1024;

// The picture autoencoder of latent diffusion (diffusers' AutoencoderKL). Pixels are
// [N, 3, H, W] in about [-1, 1]. Immutable once loaded.
//
// Large pictures, by their size alone, are computed in bands of rows (BandedPicture). Their values
// differ from those of the whole by rounding; the memory beside the weights grows at a fifth of
// the rate, the time is about twice as long.
//
// Convolutions pad as PaddingModeScope says, with one exception that diffusers and AUTOMATIC1111
// have too: the encoder halves sizes with zeros on the right and below in any mode.
//
// Two spaces of latents: the autoencoder's own, which Decode and Encode speak, and the UNet's, in
// which they have about unit variance. Only FromUNetSpace and ToUNetSpace cross between them.
class Vae {
 public:
  // The distribution that a picture is encoded to, in the autoencoder's own space.
  struct Moments {
    at::Tensor mean;          // [N, latent_channels, H / scale, W / scale], float32
    at::Tensor log_variance;  // the same shape, within [-30, 20]
  };

  // `ops` outlives the model. The weights' dtype is the dtype that it computes in. `whole_pixels`:
  // pictures of more are computed in bands.
  static absl::StatusOr<Vae> Load(const VaeConfig& config, const WeightScope& weights,
                                  const Ops* ops, std::int64_t whole_pixels = kVaeWholePixels);

  Vae(Vae&&) noexcept;
  Vae& operator=(Vae&&) noexcept;
  ~Vae();

  at::Tensor FromUNetSpace(const at::Tensor& latents) const;
  at::Tensor ToUNetSpace(const at::Tensor& latents) const;

  // [N, latent_channels, h, w] to float32 pixels [N, 3, scale * h, scale * w].
  at::Tensor Decode(const at::Tensor& latents) const;

  // H and W are multiples of the scale.
  Moments Encode(const at::Tensor& pixels) const;

 private:
  struct Network;
  explicit Vae(std::unique_ptr<const Network> network);

  std::unique_ptr<const Network> network_;
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_MODEL_VAE_H_
