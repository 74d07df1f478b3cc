#ifndef DARKROOM_SERVER_A1111_IMAGE_REQUEST_H_
#define DARKROOM_SERVER_A1111_IMAGE_REQUEST_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "darkroom/v1/image_parameters.pb.h"
#include "google/protobuf/struct.pb.h"
#include "server/admission/model_catalogue.h"
#include "server/core/api_error.h"

namespace darkroom::server::a1111 {

enum class Kind { kTextToImage, kImageToImage };

// A body of txt2img or img2img in terms of this service.
struct ImageRequest {
  // What the body does not say, or says by null, is unset: the model's default. Whether values are
  // in range is for the request's check to find out.
  darkroom::v1::ImageParameters parameters = {};
  std::vector<FieldViolation> violations = {};  // values that cannot be read at all
  // One sentence for everything that the body asks for and that is not done here.
  std::vector<std::string> ignored = {};
  bool send_images = true;
  std::string task;  // force_task_id; may be empty
};

// `settings` are options of AUTOMATIC1111 that hold where override_settings of the body says
// nothing else. Fields that are not known are not looked at. Pure.
ImageRequest ReadImageRequest(Kind kind, const google::protobuf::Struct& body,
                              const google::protobuf::Struct& settings, const Models& models);

// The id of the model that a client means: by its id or name, as "models/ID", by its hash, or by a
// title, "ID [hash]", in any case and also with the ending of a checkpoint's file. The text itself
// where it means none.
std::string MeantModel(absl::string_view text, const Models& models);

// "ID [hash]", which AUTOMATIC1111 calls the title of a checkpoint.
std::string TitleOf(const std::string& id, const darkroom::v1::Model& model);

}  // namespace darkroom::server::a1111

#endif  // DARKROOM_SERVER_A1111_IMAGE_REQUEST_H_
