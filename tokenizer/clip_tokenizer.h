#ifndef DARKROOM_TOKENIZER_CLIP_TOKENIZER_H_
#define DARKROOM_TOKENIZER_CLIP_TOKENIZER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "tokenizer/tokenizer_config.h"
#include "tokenizer/tokenizer_tables.h"

namespace darkroom::tokenizer {

// CLIP's byte-pair tokenizer (openai/CLIP simple_tokenizer.py), with the token ids of transformers'
// CLIPTokenizer: NFC, white space folded, lower case, split into words, merged by rank. A worker
// publishes the one of its model as bytes, so that processes without the model can tokenise too.
// Not thread-safe: it remembers words.
class ClipTokenizer {
 public:
  using Vocabulary = absl::flat_hash_map<std::string, int>;

  // `merges`: "left right" each, best first. INVALID_ARGUMENT names what is not in the vocabulary,
  // or an id that is not below kMaxVocabulary.
  static absl::StatusOr<ClipTokenizer> Create(const Vocabulary& vocabulary,
                                              absl::Span<const std::string> merges,
                                              const TokenizerConfig& config);

  // CLIP's own vocabulary follows from its merges (openai/CLIP simple_tokenizer.py): the bytes, the
  // bytes that end a word, what each merge makes, begin and end of text. INVALID_ARGUMENT names the
  // token that a merge takes and none makes, or a special token that is spelled another way.
  static absl::StatusOr<ClipTokenizer> FromMerges(absl::Span<const std::string> merges,
                                                  const TokenizerConfig& config);

  // One token a byte, no merges: for models that have weights but no vocabulary.
  // `vocab_size` >= 514; the special tokens take the last two ids, as in CLIP.
  static ClipTokenizer ByteLevel(int vocab_size);

  // What Serialise returned. Any bytes are safe: INVALID_ARGUMENT says what is wrong with them.
  static absl::StatusOr<ClipTokenizer> Parse(absl::string_view bytes);

  // Everything that Tokenize and Spell depend on. Equal tokenizers give equal bytes, so their
  // SHA-256 tells tokenizers apart. tokenizer_tables.h has the format.
  std::string Serialise() const;

  // The ids of a text without begin and end. Invalid UTF-8 counts as U+FFFD.
  std::vector<std::int64_t> Tokenize(absl::string_view text);

  // What a token spells, for people, in UTF-8. One that ends a word ends with a blank, so that
  // tokens side by side read as the text. Bytes that are no characters by themselves, and control
  // characters, are shown as "\xE2". At most kMaxSpelledBytes of it are; empty for an id that no
  // text gives.
  std::string Spell(std::int64_t id) const;
  static constexpr std::size_t kMaxSpelledBytes = 256;

  int begin_id() const { return tables_.bos; }
  int end_id() const { return tables_.eos; }
  int pad_id() const { return tables_.pad; }
  // Of ",</w>"; -1 when the vocabulary has none.
  int comma_id() const;

  // One past the largest id.
  int vocab_size() const { return tables_.vocab_size; }

 private:
  explicit ClipTokenizer(TokenizerTables tables);

  void AppendText(absl::string_view text, std::vector<std::int64_t>* ids);
  std::vector<int> MergeWord(absl::string_view word) const;
  // The bytes of a token, and whether it ends a word.
  std::pair<std::string, bool> Bytes(int id) const;

  TokenizerTables tables_;
  absl::flat_hash_map<std::uint64_t, int> ranks_;  // pair of ids → index into tables_.merges
  absl::flat_hash_map<int, int> made_by_;          // id → index of a merge that makes it
  absl::flat_hash_map<int, int> bytes_;            // id → its byte, plus 256 at the end of a word
  absl::flat_hash_map<std::string, std::vector<int>> words_;
};

}  // namespace darkroom::tokenizer

#endif  // DARKROOM_TOKENIZER_CLIP_TOKENIZER_H_
