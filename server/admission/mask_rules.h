#ifndef DARKROOM_SERVER_ADMISSION_MASK_RULES_H_
#define DARKROOM_SERVER_ADMISSION_MASK_RULES_H_

#include "server/admission/resolution.h"

namespace darkroom::server {

// Which part of a picture is made anew, and what it begins with. Where the mask comes from is
// InputFinder's to say.
void ResolveMask(Resolution& request);

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_ADMISSION_MASK_RULES_H_
