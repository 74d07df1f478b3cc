#ifndef DARKROOM_WORKER_DIFFUSION_BACKEND_CHECKS_H_
#define DARKROOM_WORKER_DIFFUSION_BACKEND_CHECKS_H_

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "naming/upscale_plan.h"
#include "prompt/schedule.h"
#include "worker/diffusion/backend.h"

namespace darkroom::diffusion {

// What every backend checks of what it is given; pure functions.

// The denoiser calls that the request's prompts count, and those of its second pass.
prompt::PassSteps PassOf(const ImageRequest& request);
prompt::PassSteps SecondPassOf(const ImageRequest& request);

// The second pass of a request with a hires fix as a request of its own, whose steps are those that
// are made.
ImageRequest SecondPass(const ImageRequest& request);

// What its upscalers make, before the middle is cut out.
naming::UpscaleAim AimOf(const Upscale& upscale);

// INVALID_ARGUMENT, naming the field, when the request is outside what the model accepts or its
// prompts beyond the limits of prompt/limits.h.
absl::Status CheckRequest(const ImageRequest& request, const ModelInfo& info);

// FAILED_PRECONDITION when the rows break the contract of Backend::Step: none or more than
// `max_rows`, different batch keys, an image that is done, or one that occurs twice.
absl::Status CheckRows(absl::Span<const Row> rows, int max_rows);

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_BACKEND_CHECKS_H_
