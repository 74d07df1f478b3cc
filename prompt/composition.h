#ifndef DARKROOM_PROMPT_COMPOSITION_H_
#define DARKROOM_PROMPT_COMPOSITION_H_

#include <vector>

#include "absl/strings/string_view.h"
#include "prompt/attention.h"

namespace darkroom::prompt {

// The parts that a positive prompt composes: split at every word AND, a number behind the last
// colon of a part is its weight, else 1 (AUTOMATIC1111 modules/prompt_parser.py,
// get_multicond_prompt_list). At least one. A prompt without AND has a weight too: "a cat:2".
// White space at the end of a part goes, at its beginning it stays.
// The guided result is negative + the sum over parts of weight * scale * (part - negative); a
// weight may be negative or zero. In a negative prompt none of this applies: its text is one part.
std::vector<WeightedText> SplitComposition(absl::string_view text);

}  // namespace darkroom::prompt

#endif  // DARKROOM_PROMPT_COMPOSITION_H_
