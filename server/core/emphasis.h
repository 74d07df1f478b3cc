#ifndef DARKROOM_SERVER_CORE_EMPHASIS_H_
#define DARKROOM_SERVER_CORE_EMPHASIS_H_

#include "darkroom/v1/image_parameters.pb.h"
#include "prompt/emphasis.h"

namespace darkroom::server {

// What weights do, as requests say it. Unspecified and unknown values are kOriginal.
prompt::Emphasis ToEmphasis(darkroom::v1::Emphasis emphasis);

darkroom::v1::Emphasis FromEmphasis(prompt::Emphasis emphasis);

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_CORE_EMPHASIS_H_
