#ifndef DARKROOM_SERVER_ADMISSION_NAME_RULES_H_
#define DARKROOM_SERVER_ADMISSION_NAME_RULES_H_

#include "server/admission/resolution.h"

namespace darkroom::server {

// The model of the request: sets Resolution::model and names it as a resource. Comes before all
// other rules.
void ResolveModel(Resolution& request);

// Sampler and schedule by the names that the model lists them by, from any name that
// naming/sampler_names.h understands. One that the model does not list is unknown.
void ResolveSamplerAndSchedule(Resolution& request);
// The same of the second pass, which has those of the first where it names none.
void ResolveSamplerOfHires(Resolution& request);

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_ADMISSION_NAME_RULES_H_
