#ifndef DARKROOM_WORKER_DIFFUSION_HIRES_PASS_H_
#define DARKROOM_WORKER_DIFFUSION_HIRES_PASS_H_

#include <memory>
#include <variant>

#include "ATen/core/Tensor.h"
#include "absl/status/statusor.h"
#include "common/rgb_image.h"
#include "worker/diffusion/file_cache.h"
#include "worker/diffusion/image_request.h"
#include "worker/diffusion/model/diffusion_model.h"
#include "worker/diffusion/upscale/picture_upscaling.h"
#include "worker/diffusion/upscale/upscaler_network.h"

namespace darkroom::diffusion {

// From the first pass of a hires fix to the second, as AUTOMATIC1111's sample_hr_pass
// (modules/processing.py) goes: what the first has left is scaled as a latent
// (torch.nn.functional.interpolate), or decoded, scaled as a picture and encoded again; of the
// result the middle is taken. It encodes to the mean, as EncodePicture does. INTERNAL where the
// autoencoder's result is not finite. Under inference mode; torch's exceptions pass through.

// The network that the upscaler of a request is; null where it is none that is a file.
// INVALID_ARGUMENT names the field where there is no such file, or it cannot be used, or makes
// pictures that are too large on the way.
absl::StatusOr<std::shared_ptr<const UpscalerNetwork>> FindHiresNetwork(
    FileCache<UpscalerNetwork>& files, const ImageRequest& request);

// The latent [1, 4, h, w] that the second pass begins with, of that which the first has left; or,
// where `network` is not null, the picture that it enlarges piece by piece for EncodeForHires.
absl::StatusOr<std::variant<at::Tensor, PictureUpscaling>> ScaleForHires(
    DiffusionModel& model, const HiresFix& hires, std::shared_ptr<const UpscalerNetwork> network,
    const at::Tensor& latent);

// The latent that it begins with of a picture that has been scaled.
absl::StatusOr<at::Tensor> EncodeForHires(DiffusionModel& model, const HiresFix& hires,
                                          const RgbImage& picture);

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_HIRES_PASS_H_
