#ifndef DARKROOM_COMMON_JSON_TEXT_H_
#define DARKROOM_COMMON_JSON_TEXT_H_

#include <string>

#include "absl/strings/string_view.h"

namespace darkroom {

// Adds a JSON string, quotes included (RFC 8259 §7). Bytes above 0x7f pass as they are: what is
// UTF-8 stays so.
void AppendJsonString(std::string& json, absl::string_view text);

}  // namespace darkroom

#endif  // DARKROOM_COMMON_JSON_TEXT_H_
