#ifndef DARKROOM_PROMPT_STYLES_H_
#define DARKROOM_PROMPT_STYLES_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace darkroom::prompt {

// A named text to put around or behind prompts.
struct Style {
  std::string name;
  std::string prompt;
  std::string negative_prompt;

  friend bool operator==(const Style&, const Style&) = default;
};

struct PromptPair {
  std::string prompt;
  std::string negative_prompt;

  friend bool operator==(const PromptPair&, const PromptPair&) = default;
};

// The styles one after the other, comments taken out of everything and white space off its ends,
// also where there is no style: a style with "{prompt}" takes the prompt in its place, any other
// follows it behind a comma (AUTOMATIC1111 modules/styles.py, apply_styles_to_prompt).
// OUT_OF_RANGE where a result would be longer than `max_bytes`, for styles may repeat the prompt.
absl::StatusOr<PromptPair> ApplyStyles(const PromptPair& prompts, absl::Span<const Style> styles,
                                       std::size_t max_bytes);

// The styles of a styles.csv as the webui writes it: a header line, quoted fields that may contain
// line feeds, commas and doubled quotes, a byte order mark or none. Of equal names the last counts,
// in the first one's place; names that begin with # are comments; a missing field is empty. The
// older header "name,text" is read too. INVALID_ARGUMENT where the header has no name or no prompt.
absl::StatusOr<std::vector<Style>> ReadStyles(absl::string_view csv);

}  // namespace darkroom::prompt

#endif  // DARKROOM_PROMPT_STYLES_H_
