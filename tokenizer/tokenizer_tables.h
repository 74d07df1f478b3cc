#ifndef DARKROOM_TOKENIZER_TOKENIZER_TABLES_H_
#define DARKROOM_TOKENIZER_TOKENIZER_TABLES_H_

#include <array>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace darkroom::tokenizer {

inline constexpr int kMaxVocabulary = 1 << 20;
// Of the published form; CLIP's own takes 350 kB.
inline constexpr std::size_t kMaxSerialisedBytes = std::size_t{4} << 20;

struct TokenMerge {
  int left = 0;
  int right = 0;
  int merged = 0;
};

struct SpecialToken {
  std::string spelling;
  int id = 0;
};

// What a byte-pair tokenizer is made of. All ids are below vocab_size, which is at most
// kMaxVocabulary.
struct TokenizerTables {
  int vocab_size = 0;
  int bos = 0;
  int eos = 0;
  int pad = 0;
  int unknown = 0;                         // where a byte has no token
  std::array<int, 256> byte_token{};       // a byte inside a word
  std::array<int, 256> last_byte_token{};  // the last byte of a word
  std::vector<TokenMerge> merges;          // best first
  std::vector<SpecialToken> special;       // those that are found in text
};

// The published form, in which every number is unsigned LEB128:
//
//   "DCT1"
//   vocab_size, bos, eos, pad, unknown
//   256 tokens of bytes inside words, 256 of bytes at their end
//   count of special tokens; id, length and bytes of each
//   count of merges; of each left, right and how far its token lies from that of the merge before
//   (from 0 for the first), zigzag-coded
std::string SerialiseTables(const TokenizerTables& tables);

// INVALID_ARGUMENT for bytes that are no such form, to their very end, or break what
// TokenizerTables promises. Allocates no more than a small multiple of what it is given.
absl::StatusOr<TokenizerTables> ParseTables(absl::string_view bytes);

}  // namespace darkroom::tokenizer

#endif  // DARKROOM_TOKENIZER_TOKENIZER_TABLES_H_
