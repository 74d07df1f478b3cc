#ifndef DARKROOM_SERVER_A1111_EXTRAS_REQUEST_H_
#define DARKROOM_SERVER_A1111_EXTRAS_REQUEST_H_

#include <string>
#include <vector>

#include "darkroom/v1/image_parameters.pb.h"
#include "google/protobuf/struct.pb.h"
#include "server/admission/model_catalogue.h"
#include "server/core/api_error.h"

namespace darkroom::server::a1111 {

// A body of extra-single-image or extra-batch-images in terms of this service: a request a picture,
// each of which makes it larger.
struct ExtrasRequest {
  std::vector<darkroom::v1::ImageParameters> pictures = {};
  std::vector<FieldViolation> violations = {};
  std::vector<std::string> ignored = {};  // one sentence for everything that is not done here
};

// At most so many pictures are in one body.
inline constexpr int kMaxExtrasPictures = 64;

// `settings` say the model whose workers do it. The upscaler "None" is Lanczos. Pure.
ExtrasRequest ReadExtrasRequest(const google::protobuf::Struct& body,
                                const google::protobuf::Struct& settings, const Models& models);

}  // namespace darkroom::server::a1111

#endif  // DARKROOM_SERVER_A1111_EXTRAS_REQUEST_H_
