#ifndef DARKROOM_COMMON_UNICODE_H_
#define DARKROOM_COMMON_UNICODE_H_

#include <string>

namespace darkroom {

// The little of Unicode that prompts need, over tables of our own: a machine that only runs the
// diffusion library has no Unicode library.

bool IsLetter(char32_t code_point);  // \p{L}
bool IsNumber(char32_t code_point);  // \p{N}
bool IsSpace(char32_t code_point);   // \s

// The value of a decimal digit of any script (general category Nd), or -1.
int DecimalDigit(char32_t code_point);

// The full lower-case mapping of one code point, without context: no final sigma.
void AppendLowerCase(char32_t code_point, std::u32string* text);

// Normalization Form C (Unicode Standard Annex #15).
std::u32string NormalizeNfc(const std::u32string& text);

}  // namespace darkroom

#endif  // DARKROOM_COMMON_UNICODE_H_
