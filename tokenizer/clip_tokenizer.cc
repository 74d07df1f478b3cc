#include "tokenizer/clip_tokenizer.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/status_macros.h"
#include "common/utf8.h"
#include "tokenizer/clip_words.h"

namespace darkroom::tokenizer {
namespace {

constexpr char kEndOfWord[] = "</w>";
// Enough for the words of every prompt that people write; a bound for those that machines write.
constexpr std::size_t kMaxCachedWords = 1 << 16;
constexpr std::size_t kMaxCachedWordBytes = 64;
constexpr int kNoRank = std::numeric_limits<int>::max();
constexpr int kLastByte = 256;  // marks the byte of a token that ends a word

// GPT-2's spelling of bytes as visible characters: those of Latin-1 that print stand for
// themselves, the others are numbered from U+0100.
bool IsVisible(int byte) {
  return (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte != 0xAD);
}

std::array<std::string, 256> ByteSpellings() {
  std::array<std::string, 256> spellings;
  char32_t next = 0x100;
  for (int byte = 0; byte < 256; ++byte) {
    AppendUtf8(IsVisible(byte) ? static_cast<char32_t>(byte) : next++,
               &spellings[static_cast<std::size_t>(byte)]);
  }
  return spellings;
}

std::uint64_t PairKey(int left, int right) {
  return static_cast<std::uint64_t>(left) << 32 | static_cast<std::uint32_t>(right);
}

absl::StatusOr<int> FindId(const ClipTokenizer::Vocabulary& vocabulary, absl::string_view token) {
  const auto found = vocabulary.find(token);
  if (found == vocabulary.end()) {
    return absl::InvalidArgumentError(absl::StrCat("the vocabulary has no '", token, "'"));
  }
  return found->second;
}

// Of a vocabulary: the token of every byte, with `suffix` behind its spelling.
std::array<int, 256> ByteTokens(const ClipTokenizer::Vocabulary& vocabulary,
                                absl::string_view suffix, int unknown) {
  const std::array<std::string, 256> spellings = ByteSpellings();
  std::array<int, 256> tokens{};
  for (std::size_t byte = 0; byte < 256; ++byte) {
    const auto found = vocabulary.find(absl::StrCat(spellings[byte], suffix));
    tokens[byte] = found == vocabulary.end() ? unknown : found->second;
  }
  return tokens;
}

bool IsControl(char32_t code_point) {
  return code_point < 0x20 || (code_point >= 0x7F && code_point < 0xA0);
}

// What is no character that can be shown, byte by byte as "\xE2".
std::string Show(absl::string_view bytes) {
  std::string text;
  for (std::size_t position = 0; position < bytes.size();) {
    const std::size_t begin = position;
    const char32_t code_point = DecodeUtf8(bytes, &position);
    const absl::string_view character = bytes.substr(begin, position - begin);
    if (IsValidUtf8(character) && !IsControl(code_point)) {
      absl::StrAppend(&text, character);
      continue;
    }
    for (const char byte : character) {
      absl::StrAppendFormat(&text, "\\x%02X", static_cast<unsigned char>(byte));
    }
  }
  return text;
}

}  // namespace

ClipTokenizer::ClipTokenizer(TokenizerTables tables) : tables_(std::move(tables)) {
  for (std::size_t rank = 0; rank < tables_.merges.size(); ++rank) {
    const TokenMerge& merge = tables_.merges[rank];
    // Of a pair that is listed twice the reference takes the later rank.
    ranks_.insert_or_assign(PairKey(merge.left, merge.right), static_cast<int>(rank));
    made_by_.emplace(merge.merged, static_cast<int>(rank));
  }
  for (int byte = 0; byte < 256; ++byte) {
    bytes_.emplace(tables_.byte_token[static_cast<std::size_t>(byte)], byte);
    bytes_.emplace(tables_.last_byte_token[static_cast<std::size_t>(byte)], kLastByte + byte);
  }
}

absl::StatusOr<ClipTokenizer> ClipTokenizer::Create(const Vocabulary& vocabulary,
                                                    absl::Span<const std::string> merges,
                                                    const TokenizerConfig& config) {
  TokenizerTables tables;
  for (const auto& [token, id] : vocabulary) {
    if (id < 0 || id >= kMaxVocabulary) {
      return absl::InvalidArgumentError(absl::StrCat("the id of '", token, "' is not one"));
    }
    tables.vocab_size = std::max(tables.vocab_size, id + 1);
  }
  DARKROOM_ASSIGN_OR_RETURN(tables.bos, FindId(vocabulary, config.bos_token));
  DARKROOM_ASSIGN_OR_RETURN(tables.eos, FindId(vocabulary, config.eos_token));
  DARKROOM_ASSIGN_OR_RETURN(tables.pad, FindId(vocabulary, config.pad_token));
  DARKROOM_ASSIGN_OR_RETURN(tables.unknown, FindId(vocabulary, config.unk_token));
  tables.special = {{config.bos_token, tables.bos}, {config.eos_token, tables.eos}};
  tables.byte_token = ByteTokens(vocabulary, "", tables.unknown);
  tables.last_byte_token = ByteTokens(vocabulary, kEndOfWord, tables.unknown);
  for (const std::string& line : merges) {
    const std::pair<absl::string_view, absl::string_view> sides =
        absl::StrSplit(line, absl::MaxSplits(' ', 1));
    TokenMerge& merge = tables.merges.emplace_back();
    DARKROOM_ASSIGN_OR_RETURN(merge.left, FindId(vocabulary, sides.first));
    DARKROOM_ASSIGN_OR_RETURN(merge.right, FindId(vocabulary, sides.second));
    DARKROOM_ASSIGN_OR_RETURN(merge.merged,
                              FindId(vocabulary, absl::StrCat(sides.first, sides.second)));
  }
  return ClipTokenizer(std::move(tables));
}

absl::StatusOr<ClipTokenizer> ClipTokenizer::FromMerges(absl::Span<const std::string> merges,
                                                        const TokenizerConfig& config) {
  Vocabulary vocabulary;
  int next = 0;
  const auto add = [&vocabulary, &next](const std::string& token) {
    vocabulary.insert_or_assign(token, next++);
  };
  const std::array<std::string, 256> spellings = ByteSpellings();
  for (const absl::string_view suffix : {"", kEndOfWord}) {
    for (const bool visible : {true, false}) {
      for (int byte = 0; byte < 256; ++byte) {
        if (IsVisible(byte) != visible) continue;
        add(absl::StrCat(spellings[static_cast<std::size_t>(byte)], suffix));
      }
    }
  }
  for (const std::string& merge : merges) add(absl::StrReplaceAll(merge, {{" ", ""}}));
  for (const char* special : {"<|startoftext|>", "<|endoftext|>"}) add(special);
  return Create(vocabulary, merges, config);
}

ClipTokenizer ClipTokenizer::ByteLevel(int vocab_size) {
  TokenizerTables tables;
  tables.vocab_size = vocab_size;
  for (int byte = 0; byte < 256; ++byte) {
    tables.byte_token[static_cast<std::size_t>(byte)] = byte;
    tables.last_byte_token[static_cast<std::size_t>(byte)] = 256 + byte;
  }
  tables.bos = vocab_size - 2;
  tables.eos = vocab_size - 1;
  tables.pad = tables.eos;
  tables.unknown = tables.eos;
  return ClipTokenizer(std::move(tables));
}

absl::StatusOr<ClipTokenizer> ClipTokenizer::Parse(absl::string_view bytes) {
  DARKROOM_ASSIGN_OR_RETURN(TokenizerTables tables, ParseTables(bytes));
  return ClipTokenizer(std::move(tables));
}

std::string ClipTokenizer::Serialise() const { return SerialiseTables(tables_); }

int ClipTokenizer::comma_id() const {
  const int id = tables_.last_byte_token[','];
  return id == tables_.unknown ? -1 : id;
}

std::string ClipTokenizer::Spell(std::int64_t id) const {
  for (const SpecialToken& token : tables_.special) {
    if (token.id == id) return Show(token.spelling);
  }
  if (id < 0 || id >= tables_.vocab_size) return "";
  const auto [bytes, ends_word] = Bytes(static_cast<int>(id));
  return absl::StrCat(Show(bytes), ends_word ? " " : "");
}

// Tables that were published may say that a token is made of itself: the steps are counted.
std::pair<std::string, bool> ClipTokenizer::Bytes(int id) const {
  constexpr std::size_t kMaxSteps = 4 * kMaxSpelledBytes;
  std::string bytes;
  bool ends_word = false;
  std::vector<int> rest = {id};  // the next one last
  for (std::size_t step = 0; step < kMaxSteps && !rest.empty(); ++step) {
    const int next = rest.back();
    rest.pop_back();
    if (const auto made = made_by_.find(next); made != made_by_.end()) {
      const TokenMerge& merge = tables_.merges[static_cast<std::size_t>(made->second)];
      rest.push_back(merge.right);
      rest.push_back(merge.left);
    } else if (const auto byte = bytes_.find(next); byte != bytes_.end()) {
      if (bytes.size() == kMaxSpelledBytes) break;
      bytes.push_back(static_cast<char>(byte->second & 0xFF));
      ends_word = byte->second >= kLastByte;
    }
  }
  return {std::move(bytes), ends_word};
}

std::vector<std::int64_t> ClipTokenizer::Tokenize(absl::string_view text) {
  // Special tokens are found before anything else; what stands between them is text.
  std::vector<std::int64_t> ids;
  std::size_t start = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto special = std::find_if(
        tables_.special.begin(), tables_.special.end(),
        [&](const auto& token) { return absl::StartsWith(text.substr(at), token.spelling); });
    if (special == tables_.special.end()) {
      ++at;
      continue;
    }
    AppendText(text.substr(start, at - start), &ids);
    ids.push_back(special->id);
    at += special->spelling.size();
    start = at;
  }
  AppendText(text.substr(start), &ids);
  return ids;
}

void ClipTokenizer::AppendText(absl::string_view text, std::vector<std::int64_t>* ids) {
  for (const std::string& word : SplitClipWords(text)) {
    const auto known = words_.find(word);
    if (known != words_.end()) {
      ids->insert(ids->end(), known->second.begin(), known->second.end());
      continue;
    }
    std::vector<int> tokens = MergeWord(word);
    ids->insert(ids->end(), tokens.begin(), tokens.end());
    if (word.size() > kMaxCachedWordBytes) continue;
    if (words_.size() >= kMaxCachedWords) words_.clear();
    words_.emplace(word, std::move(tokens));
  }
}

std::vector<int> ClipTokenizer::MergeWord(absl::string_view word) const {
  std::vector<int> tokens;
  for (std::size_t i = 0; i < word.size(); ++i) {
    const auto byte = static_cast<unsigned char>(word[i]);
    tokens.push_back(i + 1 == word.size() ? tables_.last_byte_token[byte]
                                          : tables_.byte_token[byte]);
  }
  const auto rank_at = [&](std::size_t i) {
    const auto found = ranks_.find(PairKey(tokens[i], tokens[i + 1]));
    return found == ranks_.end() ? kNoRank : found->second;
  };
  std::vector<int> ranks;  // of the pair that begins at each place but the last
  for (std::size_t i = 0; i + 1 < tokens.size(); ++i) ranks.push_back(rank_at(i));
  while (!ranks.empty()) {
    const auto best = std::min_element(ranks.begin(), ranks.end());
    if (*best == kNoRank) break;
    const auto i = static_cast<std::size_t>(best - ranks.begin());
    tokens[i] = tables_.merges[static_cast<std::size_t>(*best)].merged;
    tokens.erase(tokens.begin() + static_cast<std::ptrdiff_t>(i) + 1);
    ranks.erase(best);
    if (i > 0) ranks[i - 1] = rank_at(i - 1);
    if (i < ranks.size()) ranks[i] = rank_at(i);
  }
  return tokens;
}

}  // namespace darkroom::tokenizer
