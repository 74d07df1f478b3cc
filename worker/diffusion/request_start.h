#ifndef DARKROOM_WORKER_DIFFUSION_REQUEST_START_H_
#define DARKROOM_WORKER_DIFFUSION_REQUEST_START_H_

#include <optional>
#include <vector>

#include "absl/status/status.h"
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
  std::optional<InitLatent> init;
};

// INVALID_ARGUMENT, naming the field, when the model needs what the request lacks.
absl::Status CheckInputs(const ImageRequest& request, const ModelConfig& config);

// The levels that the request's samplers visit and, in img2img, the latent of its picture. The
// latent is the mean of what the encoder returns, so that a picture gives the same one every time:
// AUTOMATIC1111 draws from the distribution, with a generator that no seed of the request sets.
// INTERNAL when the encoder's result is not finite. Under inference mode; torch's exceptions pass
// through.
absl::StatusOr<RequestStart> StartOf(DiffusionModel& model, const NoiseSchedule& schedule,
                                     const ImageRequest& request, const SamplerDefinition& sampler);

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_REQUEST_START_H_
