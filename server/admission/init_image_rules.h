#ifndef DARKROOM_SERVER_ADMISSION_INIT_IMAGE_RULES_H_
#define DARKROOM_SERVER_ADMISSION_INIT_IMAGE_RULES_H_

#include "server/admission/resolution.h"

namespace darkroom::server {

// How much of the picture a request keeps, how closely it is followed, and how it is brought to its
// size. Where it comes from is InputFinder's to say.
void ResolveInitImage(Resolution& request);

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_ADMISSION_INIT_IMAGE_RULES_H_
