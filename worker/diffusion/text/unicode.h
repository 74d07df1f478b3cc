#ifndef DARKROOM_WORKER_DIFFUSION_TEXT_UNICODE_H_
#define DARKROOM_WORKER_DIFFUSION_TEXT_UNICODE_H_

#include <string>

namespace darkroom::diffusion {

// The little of Unicode that a tokenizer needs, over tables of our own: a machine that only runs
// the diffusion library has no Unicode library.

bool IsLetter(char32_t code_point);  // \p{L}
bool IsNumber(char32_t code_point);  // \p{N}
bool IsSpace(char32_t code_point);   // \s

// The full lower-case mapping of one code point, without context: no final sigma.
void AppendLowerCase(char32_t code_point, std::u32string* text);

// Normalization Form C (Unicode Standard Annex #15).
std::u32string NormalizeNfc(const std::u32string& text);

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_TEXT_UNICODE_H_
