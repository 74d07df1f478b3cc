#ifndef DARKROOM_TOKENIZER_CLIP_WORDS_H_
#define DARKROOM_TOKENIZER_CLIP_WORDS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace darkroom::tokenizer {

// The words, in UTF-8, that CLIP merges byte pairs in: the text in NFC and lower case, cut into
// contractions ('s 't 're 've 'm 'll 'd), runs of letters, single digits, and runs of anything else
// but white space, which is dropped. Invalid UTF-8 counts as U+FFFD.
std::vector<std::string> SplitClipWords(absl::string_view text);

}  // namespace darkroom::tokenizer

#endif  // DARKROOM_TOKENIZER_CLIP_WORDS_H_
