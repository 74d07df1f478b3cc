#ifndef DARKROOM_SERVER_OPENAI_IMAGE_REQUEST_H_
#define DARKROOM_SERVER_OPENAI_IMAGE_REQUEST_H_

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "darkroom/v1/image_parameters.pb.h"
#include "darkroom/v1/model.pb.h"
#include "server/admission/model_aliases.h"
#include "server/http/fields.h"

namespace darkroom::server::openai {

// The three ways to a picture: /v1/images/generations, edits and variations.
enum class Operation { kGeneration, kEdit, kVariation };

// A request of OpenAI's interface, as Darkroom does it.
struct ImageRequest {
  Operation operation = Operation::kGeneration;
  darkroom::v1::ImageParameters parameters;
  std::string quality = "medium";  // as answers tell it
  bool stream = false;
  int partial_images = 0;  // that a stream shows of each picture on the way
};

// A model by its id, "" for that of requests that name none; null where there is none.
using FindModel = std::function<const darkroom::v1::Model*(absl::string_view id)>;

// Pure. Fields that have no meaning here are passed over; docs/http.md says which, and what the
// others become. Sizes, counts and prompts are checked with the job. INVALID_REQUEST by field for
// what is missing or cannot be done.
absl::StatusOr<ImageRequest> ReadImageRequest(Operation operation, http::Fields fields,
                                              const ModelAliases& aliases, const FindModel& find);

}  // namespace darkroom::server::openai

#endif  // DARKROOM_SERVER_OPENAI_IMAGE_REQUEST_H_
