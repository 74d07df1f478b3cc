#ifndef DARKROOM_INFOTEXT_QUOTING_H_
#define DARKROOM_INFOTEXT_QUOTING_H_

#include <string>

#include "absl/strings/string_view.h"

namespace darkroom::infotext {

// A value as it stands in a line of pairs. One that holds a comma, a colon or a line break becomes
// a JSON string, as AUTOMATIC1111 writes it; so does one that would be read back as something else,
// for quotes in it or whitespace around it, or because it is empty. Others stay as they are.
std::string QuoteValue(absl::string_view value);

// The value that such a text stands for. A text in quotes that is not a JSON string stands for
// itself. Half of a surrogate pair becomes U+FFFD.
std::string UnquoteValue(absl::string_view text);

}  // namespace darkroom::infotext

#endif  // DARKROOM_INFOTEXT_QUOTING_H_
