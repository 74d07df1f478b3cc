#ifndef DARKROOM_INFOTEXT_WHITESPACE_H_
#define DARKROOM_INFOTEXT_WHITESPACE_H_

#include <cstddef>

#include "absl/strings/string_view.h"

namespace darkroom::infotext {

// Whitespace as Python's strings and regular expressions have it, in UTF-8.

// Bytes of the whitespace character that the text begins with; 0 when it begins with another.
std::size_t LeadingSpace(absl::string_view text);

// The text without the whitespace around it.
absl::string_view Strip(absl::string_view text);

}  // namespace darkroom::infotext

#endif  // DARKROOM_INFOTEXT_WHITESPACE_H_
