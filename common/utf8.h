#ifndef DARKROOM_COMMON_UTF8_H_
#define DARKROOM_COMMON_UTF8_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace darkroom {

inline constexpr char32_t kReplacementCharacter = 0xFFFD;

// The code point at `*position`, which is moved past it; requires *position < text.size(). For
// bytes that are no UTF-8 (RFC 3629: overlong forms, surrogates, cut sequences): U+FFFD, and the
// position moves past the bytes that could have begun one character, at least one.
char32_t DecodeUtf8(absl::string_view text, std::size_t* position);

bool IsValidUtf8(absl::string_view text);

// Requires a Unicode scalar value.
void AppendUtf8(char32_t code_point, std::string* text);

std::u32string ToCodePoints(absl::string_view text);

}  // namespace darkroom

#endif  // DARKROOM_COMMON_UTF8_H_
