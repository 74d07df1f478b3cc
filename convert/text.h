#ifndef DARKROOM_CONVERT_TEXT_H_
#define DARKROOM_CONVERT_TEXT_H_

#include <string>

#include "absl/strings/string_view.h"

namespace darkroom::convert {

// A text out of a file, for a message: in double quotes, cut after 100 bytes, and with every byte
// that is not printable ASCII escaped, so that it cannot control a terminal.
std::string Quoted(absl::string_view text);

// Appends a JSON string. `text` is valid UTF-8; what is not ASCII stays as it is.
void AppendJsonString(absl::string_view text, std::string* json);

}  // namespace darkroom::convert

#endif  // DARKROOM_CONVERT_TEXT_H_
