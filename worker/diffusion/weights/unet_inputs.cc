#include "worker/diffusion/weights/unet_inputs.h"

namespace darkroom::diffusion {

std::optional<UNetInputs> InputsOf(const UNetConfig& unet, const VaeConfig& vae) {
  if (unet.in_channels == vae.latent_channels) return UNetInputs::kLatent;
  if (unet.in_channels == 2 * vae.latent_channels + 1) return UNetInputs::kInpainting;
  if (unet.in_channels == 2 * vae.latent_channels) return UNetInputs::kInstruction;
  return std::nullopt;
}

}  // namespace darkroom::diffusion
