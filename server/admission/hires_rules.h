#ifndef DARKROOM_SERVER_ADMISSION_HIRES_RULES_H_
#define DARKROOM_SERVER_ADMISSION_HIRES_RULES_H_

#include "darkroom/v1/image_parameters.pb.h"
#include "naming/hires_pass.h"
#include "server/admission/resolution.h"

namespace darkroom::server {

// The second pass, but for its prompts: after everything that it takes over from the first.
void ResolveHiresFix(Resolution& request);

// What becomes of the picture of good parameters that are resolved and have a hires fix. Pure.
naming::HiresSize SizeOfHires(const darkroom::v1::ImageParameters& resolved);

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_ADMISSION_HIRES_RULES_H_
