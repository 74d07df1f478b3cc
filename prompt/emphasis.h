#ifndef DARKROOM_PROMPT_EMPHASIS_H_
#define DARKROOM_PROMPT_EMPHASIS_H_

#include <optional>

#include "absl/strings/string_view.h"

namespace darkroom::prompt {

// What weights do (AUTOMATIC1111 modules/sd_emphasis.py).
//
// kOriginal and kNoNorm multiply each token's output vector by its multiplier. kOriginal then
// scales the result by (mean before / mean after). Which tensor that mean goes over is the
// encoder's to get right: for chunk i, the outputs [entries, 77, channels] of chunk i of *every*
// entry of one part's schedule together, equal texts and entries that are never reached included,
// and EmptyChunk() for entries that have no chunk i. So a further variant of "[a:b:5]" alters the
// others. Parts of a composition and the negative prompt have means of their own.
enum class Emphasis {
  kOriginal,
  kNoNorm,
  kIgnore,  // weights are read and have no effect: all multipliers are 1
  kNone,    // there are no weights: brackets, backslashes and BREAK are text
};

// "Original", "No norm", "Ignore", "None", as infotexts have them.
absl::string_view EmphasisName(Emphasis emphasis);
std::optional<Emphasis> FindEmphasis(absl::string_view name);

}  // namespace darkroom::prompt

#endif  // DARKROOM_PROMPT_EMPHASIS_H_
