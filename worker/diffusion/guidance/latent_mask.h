#ifndef DARKROOM_WORKER_DIFFUSION_GUIDANCE_LATENT_MASK_H_
#define DARKROOM_WORKER_DIFFUSION_GUIDANCE_LATENT_MASK_H_

#include <optional>

#include "ATen/core/Tensor.h"
#include "worker/diffusion/image_request.h"

namespace darkroom::diffusion {

// Inpainting with any model: which part of a latent is made anew, and what the rest stays. As
// AUTOMATIC1111's CFGDenoiser has it, samplers over sigmas are told that the rest is the original;
// samplers over timesteps are not, but the network is shown the original there, without noise
// (mask_before_denoising).
struct LatentMask {
  at::Tensor original;            // [1, 4, h, w] float32
  at::Tensor renewed;             // [1, 1, h, w] float32: InitLatent::renewed
  bool before_denoising = false;  // of samplers over timesteps
  std::optional<SoftInpainting> soft = {};
};

// During sampling: the latent [1, 4, h, w] where it is made anew, `scale` times the original
// elsewhere. With soft inpainting the two are blended as the noise level says: a sigma, or a
// timestep before_denoising.
at::Tensor KeepOriginal(const LatentMask& mask, const at::Tensor& latent, double level,
                        double scale = 1);

// In the end, or of what a picture is drawn from: the original is put back, but in soft inpainting,
// where the picture's pixels are.
at::Tensor RestoreOriginal(const LatentMask& mask, const at::Tensor& latent);

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_GUIDANCE_LATENT_MASK_H_
