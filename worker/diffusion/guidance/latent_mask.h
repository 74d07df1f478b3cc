#ifndef DARKROOM_WORKER_DIFFUSION_GUIDANCE_LATENT_MASK_H_
#define DARKROOM_WORKER_DIFFUSION_GUIDANCE_LATENT_MASK_H_

#include "ATen/core/Tensor.h"

namespace darkroom::diffusion {

// Inpainting with any model: which part of a latent is made anew, and what the rest stays. As
// AUTOMATIC1111's CFGDenoiser has it, samplers over sigmas are told that the rest is the original;
// samplers over timesteps are not, but the network is shown the original there, without noise
// (mask_before_denoising).
struct LatentMask {
  at::Tensor original;            // [1, 4, h, w] float32
  at::Tensor renewed;             // [1, 1, h, w] float32: 1 where it is made anew, 0 where not
  bool before_denoising = false;  // of samplers over timesteps
};

// The latent [1, 4, h, w] where it is made anew, `scale` times the original elsewhere.
at::Tensor KeepOriginal(const LatentMask& mask, const at::Tensor& latent, double scale = 1);

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_GUIDANCE_LATENT_MASK_H_
