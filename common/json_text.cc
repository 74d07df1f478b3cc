#include "common/json_text.h"

#include "absl/strings/str_cat.h"

namespace darkroom {

void AppendJsonString(std::string& json, absl::string_view text) {
  json += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      json += '\\';
      json += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      absl::StrAppend(&json, "\\u", absl::Hex(static_cast<unsigned char>(c), absl::kZeroPad4));
    } else {
      json += c;
    }
  }
  json += '"';
}

}  // namespace darkroom
