#ifndef DARKROOM_PROMPT_CHARACTERS_H_
#define DARKROOM_PROMPT_CHARACTERS_H_

#include <cstddef>
#include <optional>

#include "absl/strings/string_view.h"

namespace darkroom::prompt {

// Characters and numbers as the reference implementation sees them, which is Python's `re` over
// Unicode text and Python's float(). Positions are byte offsets into UTF-8; bytes that are none
// count as characters that are neither white space, nor digit, nor part of a word.

bool IsSpaceCharacter(char32_t code_point);  // \s: white space, and the separators U+001C to U+001F
bool IsWordCharacter(char32_t code_point);   // \w: letters, numbers, the underscore

// Where the white space that begins at `position` ends; `position` itself where there is none.
std::size_t SpaceEnd(absl::string_view text, std::size_t position);
// Where the white space that ends at `position` begins.
std::size_t SpaceBegin(absl::string_view text, std::size_t position);
// Where the word characters that begin at `position` end.
std::size_t WordEnd(absl::string_view text, std::size_t position);
// str.strip().
absl::string_view StripSpace(absl::string_view text);

// The first place at or after `from` where `word`, ASCII, stands with no word character on either
// side; npos where there is none.
std::size_t FindWord(absl::string_view text, absl::string_view word, std::size_t from);

// float(), of digits of any script; infinite where the number is too large. Nothing where float()
// raises ValueError. Unlike float() it knows no "nan" and "inf": no prompt means them.
std::optional<double> ParseFloat(absl::string_view text);
// int() of what fits 31 bits, with the same digits.
std::optional<int> ParseInt(absl::string_view text);

}  // namespace darkroom::prompt

#endif  // DARKROOM_PROMPT_CHARACTERS_H_
