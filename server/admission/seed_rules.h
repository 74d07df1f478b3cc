#ifndef DARKROOM_SERVER_ADMISSION_SEED_RULES_H_
#define DARKROOM_SERVER_ADMISSION_SEED_RULES_H_

#include "server/admission/resolution.h"

namespace darkroom::server {

inline constexpr std::int64_t kMaxSeed = 4'294'967'295;

// The seeds of noise and of variation, after the number of images and the variation's strength. An
// open seed is drawn so that the last image's fits too. A variation without strength is dropped.
void ResolveSeeds(Resolution& request, DrawSeed draw_seed);

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_ADMISSION_SEED_RULES_H_
