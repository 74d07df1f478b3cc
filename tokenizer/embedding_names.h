#ifndef DARKROOM_TOKENIZER_EMBEDDING_NAMES_H_
#define DARKROOM_TOKENIZER_EMBEDDING_NAMES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/types/span.h"
#include "prompt/chunks.h"
#include "tokenizer/clip_tokenizer.h"

namespace darkroom::tokenizer {

// An embedding as prompts know it.
struct NamedEmbedding {
  std::string name;
  int vectors = 1;
};

// Finds the embeddings that a prompt names, by the tokens of their names: so the case of letters
// does not count, and a name within a longer word counts where the word is cut there (AUTOMATIC1111
// modules/textual_inversion/textual_inversion.py, find_embedding_at_position). Immutable.
class EmbeddingNames {
 public:
  EmbeddingNames() = default;
  // A match's `embedding` is a place in `embeddings`. Of names with equal tokens the first counts;
  // one without tokens is never found.
  EmbeddingNames(absl::Span<const NamedEmbedding> embeddings, ClipTokenizer& tokenizer);

  // The embedding whose name begins the tokens, the longest name first. `tokens` is not empty.
  std::optional<prompt::EmbeddingMatch> Find(absl::Span<const std::int64_t> tokens) const;

 private:
  struct Name {
    std::vector<std::int64_t> tokens;
    prompt::EmbeddingMatch match;
  };

  absl::flat_hash_map<std::int64_t, std::vector<Name>> names_;  // by first token, longest first
};

}  // namespace darkroom::tokenizer

#endif  // DARKROOM_TOKENIZER_EMBEDDING_NAMES_H_
