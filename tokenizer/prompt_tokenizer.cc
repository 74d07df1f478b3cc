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

prompt::PromptTokenizer MakePromptTokenizer(ClipTokenizer& tokenizer,
                                            const EmbeddingNames& embeddings) {
  prompt::PromptTokenizer prompts = MakePromptTokenizer(tokenizer);
  prompts.find_embedding = [&embeddings](absl::Span<const std::int64_t> tokens) {
    return embeddings.Find(tokens);
  };
  return prompts;
}

}  // namespace darkroom::tokenizer
