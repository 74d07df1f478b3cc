#include "tokenizer/prompt_tokenizer.h"

namespace darkroom::tokenizer {

prompt::PromptTokenizer MakePromptTokenizer(ClipTokenizer& tokenizer) {
  return {.special = {.begin = tokenizer.begin_id(),
                      .end = tokenizer.end_id(),
                      .pad = tokenizer.pad_id(),
                      .comma = tokenizer.comma_id()},
          .tokenize = [&tokenizer](absl::string_view text) { return tokenizer.Tokenize(text); },
          .find_embedding = nullptr};
}

}  // namespace darkroom::tokenizer
