#include "prompt/chunks.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "prompt/attention.h"

namespace darkroom::prompt {
namespace {

constexpr std::size_t kCapacity = kChunkCapacity;

// Fills chunks token by token.
class Chunker {
 public:
  Chunker(const PromptTokenizer& tokenizer, const ChunkOptions& options)
      : tokenizer_(tokenizer),
        backoff_(static_cast<std::size_t>(std::clamp(options.comma_backoff, 0, 74))) {}

  void Add(absl::Span<const std::int64_t> tokens, float weight) {
    while (!tokens.empty()) tokens.remove_prefix(AddFirst(tokens, weight));
  }

  // Ends the open chunk, full or not.
  void Break() {
    result_.token_count += kChunkCapacity;
    Emit();
  }

  ChunkedPrompt Finish() {
    if (!ids_.empty() || result_.chunks.empty()) {
      result_.token_count += static_cast<int>(ids_.size());
      Emit();
    }
    return std::move(result_);
  }

 private:
  // Adds the token, or the embedding that begins with it; returns how many tokens that took.
  std::size_t AddFirst(absl::Span<const std::int64_t> tokens, float weight) {
    if (tokens.front() == tokenizer_.special.comma) {
      last_comma_ = ids_.size();
    } else if (ids_.size() == kCapacity && last_comma_.has_value() &&
               ids_.size() - *last_comma_ <= backoff_) {
      BreakAfterComma();
    }
    if (ids_.size() == kCapacity) Break();

    std::optional<EmbeddingMatch> match;
    if (tokenizer_.find_embedding) match = tokenizer_.find_embedding(tokens);
    if (!match.has_value()) {
      Append(1, tokens.front(), weight);
      return 1;
    }
    const int vectors = std::clamp(match->vectors, 0, kChunkCapacity);
    if (ids_.size() + static_cast<std::size_t>(vectors) > kCapacity) Break();
    embeddings_.push_back({match->embedding, static_cast<int>(ids_.size()), vectors});
    Append(static_cast<std::size_t>(vectors), 0, weight);
    return std::clamp<std::size_t>(static_cast<std::size_t>(std::max(match->tokens, 1)), 1,
                                   tokens.size());
  }

  void Append(std::size_t count, std::int64_t id, float weight) {
    ids_.insert(ids_.end(), count, id);
    multipliers_.insert(multipliers_.end(), count, weight);
  }

  void BreakAfterComma() {
    const auto kept = static_cast<std::ptrdiff_t>(*last_comma_ + 1);
    const std::vector<std::int64_t> ids(ids_.begin() + kept, ids_.end());
    const std::vector<float> multipliers(multipliers_.begin() + kept, multipliers_.end());
    ids_.resize(*last_comma_ + 1);
    multipliers_.resize(*last_comma_ + 1);
    Break();
    ids_ = ids;
    multipliers_ = multipliers;
  }

  void Emit() {
    Chunk chunk = EmptyChunk(tokenizer_.special);
    std::copy(ids_.begin(), ids_.end(), chunk.ids.begin() + 1);
    std::copy(multipliers_.begin(), multipliers_.end(), chunk.multipliers.begin() + 1);
    chunk.ids[ids_.size() + 1] = tokenizer_.special.end;
    if (tokenizer_.special.pad != tokenizer_.special.end) {
      // Not always this one: a prompt may spell the end of text itself.
      const auto end = std::find(chunk.ids.begin(), chunk.ids.end(), tokenizer_.special.end);
      std::fill(end + 1, chunk.ids.end(), tokenizer_.special.pad);
    }
    chunk.length = static_cast<int>(ids_.size());
    chunk.embeddings = std::move(embeddings_);
    result_.chunks.push_back(std::move(chunk));
    ids_.clear();
    multipliers_.clear();
    embeddings_.clear();
    last_comma_.reset();
  }

  const PromptTokenizer& tokenizer_;
  const std::size_t backoff_;
  ChunkedPrompt result_;
  // The open chunk.
  std::vector<std::int64_t> ids_;
  std::vector<float> multipliers_;
  std::vector<PlacedEmbedding> embeddings_;
  std::optional<std::size_t> last_comma_;
};

}  // namespace

ChunkedPrompt ChunkPrompt(absl::string_view text, const PromptTokenizer& tokenizer,
                          const ChunkOptions& options) {
  Chunker chunker(tokenizer, options);
  if (options.emphasis == Emphasis::kNone) {
    chunker.Add(tokenizer.tokenize(text), 1);
    return chunker.Finish();
  }
  for (const WeightedText& piece : ParseAttention(text).pieces) {
    if (IsBreak(piece)) {
      chunker.Break();
      continue;
    }
    const bool ignored = options.emphasis == Emphasis::kIgnore;
    chunker.Add(tokenizer.tokenize(piece.text), ignored ? 1 : static_cast<float>(piece.weight));
  }
  return chunker.Finish();
}

Chunk EmptyChunk(const SpecialTokens& special) {
  Chunk chunk;
  chunk.ids.fill(special.pad);
  chunk.ids[0] = special.begin;
  chunk.ids[1] = special.end;
  chunk.multipliers.fill(1);
  return chunk;
}

}  // namespace darkroom::prompt
