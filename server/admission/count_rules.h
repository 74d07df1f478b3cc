#ifndef DARKROOM_SERVER_ADMISSION_COUNT_RULES_H_
#define DARKROOM_SERVER_ADMISSION_COUNT_RULES_H_

#include "server/admission/resolution.h"

namespace darkroom::server {

inline constexpr int kMaxSteps = 150;  // of any model; each may allow fewer
inline constexpr int kMaxClipSkip = 12;
inline constexpr int kDefaultPreviewInterval = 5;

// Steps, images, clip skip and preview interval.
void ResolveCounts(Resolution& request);

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_ADMISSION_COUNT_RULES_H_
