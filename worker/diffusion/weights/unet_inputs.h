#ifndef DARKROOM_WORKER_DIFFUSION_WEIGHTS_UNET_INPUTS_H_
#define DARKROOM_WORKER_DIFFUSION_WEIGHTS_UNET_INPUTS_H_

#include <optional>

#include "worker/diffusion/weights/model_config.h"

namespace darkroom::diffusion {

// What the UNet is given for a sample, told by its in_channels.
enum class UNetInputs {
  kLatent,       // the noisy latent alone
  kInpainting,   // and behind it a mask and the latent of the picture without what it covers
  kInstruction,  // and behind it the latent of the picture to change (InstructPix2Pix)
};

// Absent where there is no such number of channels.
std::optional<UNetInputs> InputsOf(const UNetConfig& unet, const VaeConfig& vae);

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_WEIGHTS_UNET_INPUTS_H_
