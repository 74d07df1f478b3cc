#ifndef DARKROOM_WORKER_DIFFUSION_TEXT_CLIP_TOKENIZER_H_
#define DARKROOM_WORKER_DIFFUSION_TEXT_CLIP_TOKENIZER_H_

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "worker/diffusion/weights/model_config.h"

namespace darkroom::diffusion {

// What the text model takes at a time: begin of text, 75 tokens, end of text.
inline constexpr int kChunkLength = 77;
inline constexpr int kChunkCapacity = kChunkLength - 2;
using TokenChunk = std::array<std::int64_t, kChunkLength>;

// CLIP's byte-pair tokenizer (openai/CLIP simple_tokenizer.py), with the token ids of transformers'
// CLIPTokenizer: NFC, white space folded, lower case, split into words, merged by rank.
// Not thread-safe: it remembers words.
class ClipTokenizer {
 public:
  using Vocabulary = absl::flat_hash_map<std::string, int>;

  // Reads vocab.json and merges.txt of a tokenizer/ folder. INVALID_ARGUMENT names the file and
  // what is wrong in it.
  static absl::StatusOr<ClipTokenizer> Load(const std::filesystem::path& folder,
                                            const TokenizerConfig& config);

  // `merges`: "left right" each, best first.
  static absl::StatusOr<ClipTokenizer> Create(const Vocabulary& vocabulary,
                                              absl::Span<const std::string> merges,
                                              const TokenizerConfig& config);

  // One token a byte, no merges: for models that have weights but no vocabulary.
  // `vocab_size` >= 514; the special tokens take the last two ids, as in CLIP.
  static ClipTokenizer ByteLevel(int vocab_size);

  // The ids of a text without begin and end. Invalid UTF-8 counts as U+FFFD.
  std::vector<std::int64_t> Tokenize(absl::string_view text);

  // At least one chunk. Texts of more than 75 tokens take several; the last is padded.
  std::vector<TokenChunk> Encode(absl::string_view text);

  // One past the largest id.
  int vocab_size() const { return vocab_size_; }

 private:
  struct Merge {
    int rank = 0;
    int merged = 0;  // id
  };

  ClipTokenizer() = default;

  void AppendText(absl::string_view text, std::vector<std::int64_t>* ids);
  std::vector<int> MergeWord(absl::string_view word) const;

  int vocab_size_ = 0;
  std::array<int, 256> byte_token_{};                 // a byte inside a word
  std::array<int, 256> last_byte_token_{};            // the last byte of a word
  absl::flat_hash_map<std::uint64_t, Merge> merges_;  // by pair of ids
  absl::flat_hash_map<std::string, std::vector<int>> words_;
  std::vector<std::pair<std::string, int>> special_;  // spelling, id
  int bos_ = 0;
  int eos_ = 0;
  int pad_ = 0;
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_TEXT_CLIP_TOKENIZER_H_
