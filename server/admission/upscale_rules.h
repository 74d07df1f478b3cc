#ifndef DARKROOM_SERVER_ADMISSION_UPSCALE_RULES_H_
#define DARKROOM_SERVER_ADMISSION_UPSCALE_RULES_H_

#include "server/admission/resolution.h"

namespace darkroom::server {

// All of a request that only makes a picture larger: its size, which follows from the picture's,
// and its upscalers. Whatever else is set is refused, as it would have no say.
void ResolveUpscale(Resolution& request);

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_ADMISSION_UPSCALE_RULES_H_
