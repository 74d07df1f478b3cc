#ifndef DARKROOM_WORKER_DIFFUSION_GENERATION_FACTORY_H_
#define DARKROOM_WORKER_DIFFUSION_GENERATION_FACTORY_H_

#include <memory>

#include "absl/status/statusor.h"
#include "worker/diffusion/image_request.h"
#include "worker/diffusion/model/diffusion_model.h"
#include "worker/diffusion/request_guidance.h"
#include "worker/diffusion/sampling/noise_schedule.h"
#include "worker/diffusion/torch_generation.h"

namespace darkroom::diffusion {

// A request with its texts and picture encoded and the noise of each image drawn, before its
// samplers start; of a second pass the texts alone. The model and the schedule outlive it. The
// request is one that CheckRequest lets pass; INVALID_ARGUMENT, naming the field, where it asks for
// what the model cannot do or a prompt calls a file in vain. Under inference mode; torch's
// exceptions pass through.
absl::StatusOr<std::unique_ptr<TorchGeneration>> PrepareGeneration(DiffusionModel& model,
                                                                   PromptFiles& files,
                                                                   const NoiseSchedule& schedule,
                                                                   const ImageRequest& request);

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_GENERATION_FACTORY_H_
