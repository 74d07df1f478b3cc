#ifndef DARKROOM_WORKER_DIFFUSION_HIRES_PASS_H_
#define DARKROOM_WORKER_DIFFUSION_HIRES_PASS_H_

#include "ATen/core/Tensor.h"
#include "absl/status/statusor.h"
#include "worker/diffusion/image_request.h"
#include "worker/diffusion/model/diffusion_model.h"

namespace darkroom::diffusion {

// The latent [1, 4, h, w] that the second pass of a hires fix begins with, of that which the first
// has left, as AUTOMATIC1111's sample_hr_pass (modules/processing.py) makes it: scaled as a latent
// (torch.nn.functional.interpolate), or decoded, scaled as a picture and encoded again; of the
// result the middle. It encodes to the mean, as EncodePicture does. INTERNAL where the
// autoencoder's result is not finite. Under inference mode; torch's exceptions pass through.
absl::StatusOr<at::Tensor> ScaleForHires(DiffusionModel& model, const HiresFix& hires,
                                         const at::Tensor& latent);

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_HIRES_PASS_H_
