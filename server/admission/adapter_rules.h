#ifndef DARKROOM_SERVER_ADMISSION_ADAPTER_RULES_H_
#define DARKROOM_SERVER_ADMISSION_ADAPTER_RULES_H_

#include "absl/strings/string_view.h"
#include "server/admission/resolution.h"

namespace darkroom::server {

// Adds a violation of `field` for each tag of its text, `prompt` after styles, that would not do
// what it says: a <lora:> or <lyco:> that cannot be read, that no file is called by, whose file is
// for another family than the model's, or that is one too many; and a <hypernet:>, which
// AUTOMATIC1111 applies and nothing does here. Other kinds change nothing there either. After the
// model.
void CheckAdapters(absl::string_view field, absl::string_view prompt, Resolution& request);

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_ADMISSION_ADAPTER_RULES_H_
