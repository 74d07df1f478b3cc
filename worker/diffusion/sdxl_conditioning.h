#ifndef DARKROOM_WORKER_DIFFUSION_SDXL_CONDITIONING_H_
#define DARKROOM_WORKER_DIFFUSION_SDXL_CONDITIONING_H_

#include <vector>

#include "prompt/schedule.h"
#include "worker/diffusion/guidance/conditioning_schedule.h"
#include "worker/diffusion/image_request.h"
#include "worker/diffusion/weights/model_config.h"

namespace darkroom::diffusion {

enum class PromptSide { kPositive, kNegative };

// The numbers that a family's added vector has beside the pooled text (Podell et al. 2023, "SDXL",
// section 2.2), with AUTOMATIC1111's defaults: nothing of a picture of this size is cropped, and
// the refiner's aesthetic score is 6, or 2.5 on the negative side. Empty for other families.
std::vector<double> AddedNumbersOf(ModelFamily family, PictureSize size, PromptSide side);

// Completes the conditioning that the text encoders made of `schedule` as AUTOMATIC1111's
// modules/sd_models_xl.py does: the numbers' sinusoids follow the pooled text, and of a negative
// prompt without any text both context and pooled text are zeros. That of other families than SDXL
// and its refiner is returned as it is.
ConditioningSchedule CompleteConditioning(const ModelConfig& config, PictureSize size,
                                          PromptSide side, const prompt::Schedule& schedule,
                                          const ConditioningSchedule& encoded);

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_SDXL_CONDITIONING_H_
