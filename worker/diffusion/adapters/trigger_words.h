#ifndef DARKROOM_WORKER_DIFFUSION_ADAPTERS_TRIGGER_WORDS_H_
#define DARKROOM_WORKER_DIFFUSION_ADAPTERS_TRIGGER_WORDS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace darkroom::diffusion {

// The captions that a kohya trainer counted (ss_tag_frequency: JSON of folder → caption → count),
// the most frequent first, at most `most`. Captions that are sentences are taken apart into words
// (AUTOMATIC1111's extensions-builtin/Lora/ui_edit_user_metadata.py, build_tags; letters beyond
// ASCII all count as parts of words here). Empty for a text that is no such JSON.
std::vector<std::string> FrequentCaptions(absl::string_view tag_frequency, std::size_t most);

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_ADAPTERS_TRIGGER_WORDS_H_
