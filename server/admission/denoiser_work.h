#ifndef DARKROOM_SERVER_ADMISSION_DENOISER_WORK_H_
#define DARKROOM_SERVER_ADMISSION_DENOISER_WORK_H_

#include "darkroom/v1/image_parameters.pb.h"

namespace darkroom::server {

// What resolved parameters ask of the denoiser for each image. Pure.

// The second pass of parameters with a hires fix as parameters of their own.
darkroom::v1::ImageParameters HiresPass(const darkroom::v1::ImageParameters& resolved);

// Calls of the pass as prompt schedules count them: two a step of a sampler of second order.
int ScheduledCalls(const darkroom::v1::ImageParameters& resolved);
// Of a hires fix's second pass.
int ScheduledCalls(const darkroom::v1::HiresFix& resolved);

// Calls that are to be expected of the first or only pass: fewer than the schedule counts where a
// picture is begun with.
int ExpectedCalls(const darkroom::v1::ImageParameters& resolved);

// Rows of each call: the parts of the prompt, the negative prompt where it has an effect, and that
// without the picture where a model is instructed.
int RowsPerCall(const darkroom::v1::ImageParameters& resolved);

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_ADMISSION_DENOISER_WORK_H_
