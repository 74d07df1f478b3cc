#ifndef DARKROOM_SERVER_ADMISSION_OPTION_RULES_H_
#define DARKROOM_SERVER_ADMISSION_OPTION_RULES_H_

#include "server/admission/resolution.h"

namespace darkroom::server {

// The options that are numbers: the variation's strength, and those of sampler, schedule and
// guidance, after the sampler. What says only what would be so anyway is dropped, and so is a
// message of which nothing is left, so that equal wishes resolve to equal parameters.
void ResolveOptions(Resolution& request);

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_ADMISSION_OPTION_RULES_H_
