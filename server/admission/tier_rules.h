#ifndef DARKROOM_SERVER_ADMISSION_TIER_RULES_H_
#define DARKROOM_SERVER_ADMISSION_TIER_RULES_H_

#include <vector>

#include "server/admission/request_validator.h"
#include "server/admission/tiers.h"
#include "server/core/api_error.h"

namespace darkroom::server {

// What a good request asks for beyond its caller's tier, as paths of the request, in the order of
// the schema. Pure.
std::vector<FieldViolation> CheckTierLimits(const Verdict& verdict, const Tier& tier);

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_ADMISSION_TIER_RULES_H_
