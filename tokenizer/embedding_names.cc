#include "tokenizer/embedding_names.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace darkroom::tokenizer {

EmbeddingNames::EmbeddingNames(absl::Span<const NamedEmbedding> embeddings,
                               ClipTokenizer& tokenizer) {
  for (std::size_t i = 0; i < embeddings.size(); ++i) {
    std::vector<std::int64_t> tokens = tokenizer.Tokenize(embeddings[i].name);
    if (tokens.empty()) continue;
    const prompt::EmbeddingMatch match = {.embedding = static_cast<int>(i),
                                          .vectors = embeddings[i].vectors,
                                          .tokens = static_cast<int>(tokens.size())};
    const std::int64_t first = tokens.front();
    names_[first].push_back({std::move(tokens), match});
  }
  for (auto& [first, names] : names_) {
    std::stable_sort(names.begin(), names.end(), [](const Name& a, const Name& b) {
      return a.tokens.size() > b.tokens.size();
    });
  }
}

std::optional<prompt::EmbeddingMatch> EmbeddingNames::Find(
    absl::Span<const std::int64_t> tokens) const {
  const auto names = names_.find(tokens.front());
  if (names == names_.end()) return std::nullopt;
  for (const Name& name : names->second) {
    if (tokens.subspan(0, name.tokens.size()) == absl::MakeConstSpan(name.tokens)) {
      return name.match;
    }
  }
  return std::nullopt;
}

}  // namespace darkroom::tokenizer
