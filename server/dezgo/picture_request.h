#ifndef DARKROOM_SERVER_DEZGO_PICTURE_REQUEST_H_
#define DARKROOM_SERVER_DEZGO_PICTURE_REQUEST_H_

#include "absl/status/statusor.h"
#include "darkroom/v1/image_parameters.pb.h"
#include "server/admission/model_aliases.h"
#include "server/http/fields.h"

namespace darkroom::server::dezgo {

// What the routes of Dezgo's interface make a picture of.
enum class Function { kText, kImage, kInpainting, kUpscale };

// A request of that interface as Darkroom does it. Pure. Fields that have no meaning here are
// passed over; docs/http.md says what the others become. Their values are checked with the job.
// INVALID_REQUEST by field for what is missing or cannot be done.
absl::StatusOr<darkroom::v1::ImageParameters> ReadPictureRequest(Function function,
                                                                 http::Fields fields,
                                                                 const ModelAliases& aliases);

}  // namespace darkroom::server::dezgo

#endif  // DARKROOM_SERVER_DEZGO_PICTURE_REQUEST_H_
