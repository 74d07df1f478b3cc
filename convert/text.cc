#include "convert/text.h"

#include <cstddef>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace darkroom::convert {

std::string Quoted(absl::string_view text) {
  constexpr std::size_t kLongest = 100;
  return absl::StrCat("\"", absl::CHexEscape(text.substr(0, kLongest)),
                      text.size() > kLongest ? "...\"" : "\"");
}

// The short escapes and lower-case digits are those of serde_json, which writes safetensors files.
void AppendJsonString(absl::string_view text, std::string* json) {
  constexpr absl::string_view kEscaped = "\"\\\b\f\n\r\t";
  constexpr absl::string_view kEscapes = "\"\\bfnrt";
  json->push_back('"');
  for (const char c : text) {
    const std::size_t place = kEscaped.find(c);
    if (place != absl::string_view::npos) {
      json->push_back('\\');
      json->push_back(kEscapes[place]);
    } else if (static_cast<unsigned char>(c) < 0x20) {
      absl::StrAppend(json, "\\u00", absl::Hex(static_cast<unsigned char>(c), absl::kZeroPad2));
    } else {
      json->push_back(c);
    }
  }
  json->push_back('"');
}

}  // namespace darkroom::convert
