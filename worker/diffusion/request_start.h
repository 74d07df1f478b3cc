#ifndef DARKROOM_WORKER_DIFFUSION_REQUEST_START_H_
#define DARKROOM_WORKER_DIFFUSION_REQUEST_START_H_

#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "worker/diffusion/image_request.h"
#include "worker/diffusion/model/diffusion_model.h"
#include "worker/diffusion/sampling/noise_schedule.h"
#include "worker/diffusion/sampling/sampler.h"
#include "worker/diffusion/sampling/sampler_registry.h"

namespace darkroom::diffusion {

// What all samplers of a request begin with.
struct RequestStart {
  std::vector<double> sigmas;
  std::optional<InitLatent> init;  // before MaskedStart
  at::Tensor picture;              // PictureConditioning
};

// The levels that the request's samplers visit and, in img2img, the latent of its picture and of
// its mask. INTERNAL when the encoder's result is not finite. Under inference mode; torch's
// exceptions pass through.
absl::StatusOr<RequestStart> StartOf(DiffusionModel& model, const NoiseSchedule& schedule,
                                     const ImageRequest& request, const SamplerDefinition& sampler);

// The same of the second pass of a hires fix, `pass` as SecondPass makes it, whose latents are
// still to come: that of `init` is undefined.
absl::StatusOr<RequestStart> HiresStartOf(DiffusionModel& model, const NoiseSchedule& schedule,
                                          const ImageRequest& pass, double strength,
                                          const SamplerDefinition& sampler);

// What the sampler of one image begins with: its masked part is what the request wants there, which
// may be noise of the image's own seed, as AUTOMATIC1111 draws it: without its variation.
std::optional<InitLatent> MaskedStart(const RequestStart& start, const ImageRequest& request,
                                      int image);

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_REQUEST_START_H_
