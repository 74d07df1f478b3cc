#ifndef DARKROOM_WORKER_DIFFUSION_GUIDANCE_SOFT_INPAINTING_H_
#define DARKROOM_WORKER_DIFFUSION_GUIDANCE_SOFT_INPAINTING_H_

#include "ATen/core/Tensor.h"
#include "common/grey_image.h"
#include "worker/diffusion/image_request.h"

namespace darkroom::diffusion {

// The arithmetic of AUTOMATIC1111's extensions-builtin/soft-inpainting/scripts/soft_inpainting.py.
// Latents are [1, 4, h, w] float32, masks [1, 1, h, w] float32 from 0 to 1, of one device.

// get_modified_nmask: which share of a blend is made at this noise level. Powers of the mask are
// that many blends with the original one after the other.
at::Tensor MadeShare(const SoftInpainting& options, const at::Tensor& renewed, double level);

// latent_blend: vectors of four channels blended by the share of `made`, and stretched to the
// length that a power mean of the two lengths says, so that contrast is not lost.
at::Tensor BlendLatents(const SoftInpainting& options, const at::Tensor& original,
                        const at::Tensor& made, const at::Tensor& share);

// apply_adaptive_masks, up to the mask at the latent's size: how far each pixel has become another.
// Waits for the device.
GreyImage ChangedMask(const SoftInpainting& options, const at::Tensor& original,
                      const at::Tensor& made, const at::Tensor& renewed);

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_GUIDANCE_SOFT_INPAINTING_H_
