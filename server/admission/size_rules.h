#ifndef DARKROOM_SERVER_ADMISSION_SIZE_RULES_H_
#define DARKROOM_SERVER_ADMISSION_SIZE_RULES_H_

#include "server/admission/resolution.h"

namespace darkroom::server {

// Width, height, which may be those of the picture that is begun with, and seed_resize_from, which
// is dropped when it changes nothing.
void ResolveSizes(Resolution& request);

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_ADMISSION_SIZE_RULES_H_
