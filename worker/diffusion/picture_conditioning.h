#ifndef DARKROOM_WORKER_DIFFUSION_PICTURE_CONDITIONING_H_
#define DARKROOM_WORKER_DIFFUSION_PICTURE_CONDITIONING_H_

#include "ATen/core/Tensor.h"
#include "absl/status/statusor.h"
#include "common/rgb_image.h"
#include "worker/diffusion/image_request.h"
#include "worker/diffusion/model/diffusion_model.h"

namespace darkroom::diffusion {

// The latent of pixels [1, 3, H, W] float32 on the device, [1, 4, h, w] float32 in the
// autoencoder's own space: the mean of what the encoder returns, so that a picture gives the same
// one every time. AUTOMATIC1111 draws from the distribution, with a generator that no seed of the
// request sets. INTERNAL when the encoder's result is not finite.
absl::StatusOr<at::Tensor> EncodePicture(DiffusionModel& model, const at::Tensor& pixels);

// The picture of a latent [1, 4, h, w] of the UNet's space. INTERNAL when the decoder's result is
// not finite.
absl::StatusOr<RgbImage> DecodeLatent(DiffusionModel& model, const at::Tensor& latent);

// What the UNet is shown behind the noisy latent, [1, C, h, w] float32 on the device; undefined for
// one that takes the latent alone. As AUTOMATIC1111 has it (modules/processing.py):
//   - inpainting: the mask, 1 where the picture is made anew, every eighth pixel of it; and the
//     latent of the picture, grey where the mask is. All is masked without a mask, all grey without
//     a picture.
//   - InstructPix2Pix: the picture's latent in the autoencoder's own space.
// The request is one that CheckRequest lets pass. Under inference mode; torch's exceptions pass
// through.
absl::StatusOr<at::Tensor> PictureConditioning(DiffusionModel& model, const ImageRequest& request);

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_PICTURE_CONDITIONING_H_
