#ifndef DARKROOM_WORKER_DIFFUSION_PIXELS_H_
#define DARKROOM_WORKER_DIFFUSION_PIXELS_H_

#include "ATen/core/Tensor.h"
#include "common/grey_image.h"
#include "common/rgb_image.h"
#include "worker/diffusion/weights/model_config.h"

namespace darkroom::diffusion {

// [1, 3, H, W] in -1 to 1, of any device, to bytes: clamp((x + 1) / 2) * 255 without rounding, as
// A1111 does.
RgbImage ToRgbImage(const at::Tensor& pixels);

// The other way round: [1, 3, H, W] float32 on the CPU, byte / 255 * 2 - 1.
at::Tensor ToPixels(const RgbImage& image);

// A mask as [1, 1, H, W] float32 on the CPU, 0 to 1.
at::Tensor ToSoftMask(const GreyImage& mask);
// The same: 1 from the middle grey on, 0 below.
at::Tensor ToRoundedMask(const GreyImage& mask);

// No element is infinite or NaN. Waits for the device.
bool AllFinite(const at::Tensor& tensor);

// A linear guess at the picture of a latent [1, 4, h, w], four times as wide and high where that
// stays within 256 pixels a side.
RgbImage PreviewImage(const at::Tensor& latent, const PreviewConfig& config);

// The fit to a family's autoencoder that AUTOMATIC1111 has (modules/sd_vae_approx.py), for models
// that bring none.
PreviewConfig DefaultPreviewConfig(ModelFamily family);

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_PIXELS_H_
