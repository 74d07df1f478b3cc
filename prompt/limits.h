#ifndef DARKROOM_PROMPT_LIMITS_H_
#define DARKROOM_PROMPT_LIMITS_H_

#include <cstddef>

#include "absl/strings/string_view.h"
#include "prompt/schedule.h"

namespace darkroom::prompt {

// A short prompt can ask for much: every part of a composition is a row of every forward, every
// BREAK a chunk, and every variant of an edit is encoded. A request beyond these limits is refused
// before it is queued; no prompt that people write comes near them.
inline constexpr int kMaxParts = 16;                       // joined by AND
inline constexpr int kMaxBreaks = 64;                      // in one text
inline constexpr int kMaxLoras = 32;                       // <lora:> and <lyco:> tags
inline constexpr std::size_t kMaxVariantBytes = 64 << 10;  // of the different texts, together

struct PromptSize {
  int parts = 0;
  int breaks = 0;  // of the text that has most
  // Of the different texts that each part's schedule names, whether or not a call reads them.
  std::size_t variant_bytes = 0;
};

// How much a styled prompt asks for. What is beyond its limit is counted no further, so that the
// measure is cheap for any text: of more than kMaxParts parts only they are counted, of more than
// kMaxVariantBytes only the first.
PromptSize MeasurePrompt(absl::string_view prompt, const PassSteps& pass);
PromptSize MeasureNegativePrompt(absl::string_view negative_prompt, const PassSteps& pass);

}  // namespace darkroom::prompt

#endif  // DARKROOM_PROMPT_LIMITS_H_
