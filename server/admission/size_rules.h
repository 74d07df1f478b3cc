#ifndef DARKROOM_SERVER_ADMISSION_SIZE_RULES_H_
#define DARKROOM_SERVER_ADMISSION_SIZE_RULES_H_

#include <string>

#include "absl/strings/string_view.h"
#include "server/admission/resolution.h"

namespace darkroom::server {

// Width, height, which may be those of the picture that is begun with, and seed_resize_from, which
// is dropped when it changes nothing.
void ResolveSizes(Resolution& request);

// The model's max_pixels and what they depend on, for a message about a picture that has more.
std::string DescribePixelBound(const darkroom::v1::Model& model);

// Whether a side is one that the model makes; adds a violation where it is not. Without a model
// only nonsense is refused.
bool CheckSide(absl::string_view field, int value, const darkroom::v1::Model* model,
               ViolationList& violations);

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_ADMISSION_SIZE_RULES_H_
