#ifndef DARKROOM_PROMPT_CHUNKS_H_
#define DARKROOM_PROMPT_CHUNKS_H_

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "prompt/emphasis.h"

namespace darkroom::prompt {

// What CLIP's text model takes at a time: begin of text, 75 tokens, end of text.
inline constexpr int kChunkCapacity = 75;
inline constexpr int kChunkLength = kChunkCapacity + 2;

// Ids of the model's vocabulary. SD1 pads with the end of text, SD2 with 0.
struct SpecialTokens {
  std::int64_t begin = 0;
  std::int64_t end = 0;
  std::int64_t pad = 0;
  std::int64_t comma = -1;  // ",</w>"; -1: the vocabulary has none
};

// A textual inversion whose name some tokens spell.
struct EmbeddingMatch {
  int embedding = 0;  // the caller's index
  int vectors = 1;    // tokens it takes in a chunk; of more than 75 only 75 count
  int tokens = 1;     // tokens of its name
};

// The model's side of chunking.
struct PromptTokenizer {
  SpecialTokens special;
  // The tokens of a text, without begin and end.
  std::function<std::vector<std::int64_t>(absl::string_view)> tokenize;
  // The embedding whose name begins the tokens, the longest name first. May be absent.
  std::function<std::optional<EmbeddingMatch>(absl::Span<const std::int64_t>)> find_embedding;
};

struct ChunkOptions {
  Emphasis emphasis = Emphasis::kOriginal;
  // A chunk that is full within this many tokens after a comma gives what follows the comma to the
  // next chunk. 0 to 74; 0: never.
  int comma_backoff = 20;
};

struct PlacedEmbedding {
  int embedding = 0;
  int offset = 0;  // of its first vector among the 75: behind the begin of text
  int vectors = 0;
};

struct Chunk {
  std::array<std::int64_t, kChunkLength> ids{};  // 0 where a vector of an embedding goes
  std::array<float, kChunkLength> multipliers{};
  // As in the reference an embedding stays in the chunk it was first put in, also where the comma
  // rule moves its place to the next: there its ids are 0 and its vectors are missing, and in its
  // old chunk they replace padding.
  std::vector<PlacedEmbedding> embeddings;
  int length = 0;  // how many of the 75 came from the prompt; padding follows
};

struct ChunkedPrompt {
  std::vector<Chunk> chunks;  // at least one
  int token_count = 0;        // as the webui shows it: full chunks, and what the last one holds
};

// Cuts one variant of a prompt into chunks (AUTOMATIC1111 modules/sd_hijack_clip.py,
// tokenize_line): weights, BREAK, commas and embeddings. At most one chunk a token and a BREAK, so
// admission has to bound the chunks too. Each is encoded by itself, their outputs follow each
// other; SDXL's pooled vector is that of the first. Where padding is another token than the end of
// text, every id after the first end of text is padding, also of a text that spells one itself.
ChunkedPrompt ChunkPrompt(absl::string_view text, const PromptTokenizer& tokenizer,
                          const ChunkOptions& options);

// What stands for a chunk that a shorter text does not have.
Chunk EmptyChunk(const SpecialTokens& special);

}  // namespace darkroom::prompt

#endif  // DARKROOM_PROMPT_CHUNKS_H_
