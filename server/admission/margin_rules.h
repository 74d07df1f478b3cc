#ifndef DARKROOM_SERVER_ADMISSION_MARGIN_RULES_H_
#define DARKROOM_SERVER_ADMISSION_MARGIN_RULES_H_

#include "server/admission/resolution.h"

namespace darkroom::server {

// How much larger the picture gets that a request begins with. Before the rules of masks and sizes,
// which depend on it.
void ResolveMargins(Resolution& request);

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_ADMISSION_MARGIN_RULES_H_
