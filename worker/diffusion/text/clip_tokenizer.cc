#include "worker/diffusion/text/clip_tokenizer.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/file.h"
#include "common/status_macros.h"
#include "common/utf8.h"
#include "worker/diffusion/text/clip_words.h"
#include "worker/diffusion/weights/json.h"

namespace darkroom::diffusion {
namespace {

constexpr std::size_t kMaxFileBytes = std::size_t{16} << 20;
constexpr int kMaxId = 1 << 20;
constexpr char kEndOfWord[] = "</w>";
// Enough for the words of every prompt that people write; a bound for those that machines write.
constexpr std::size_t kMaxCachedWords = 1 << 16;
constexpr std::size_t kMaxCachedWordBytes = 64;
constexpr int kNoRank = std::numeric_limits<int>::max();

// GPT-2's spelling of bytes as visible characters: those of Latin-1 that print stand for
// themselves, the others are numbered from U+0100.
std::array<std::string, 256> ByteSpellings() {
  std::array<std::string, 256> spellings;
  char32_t next = 0x100;
  for (int byte = 0; byte < 256; ++byte) {
    const bool visible = (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte != 0xAD);
    AppendUtf8(visible ? static_cast<char32_t>(byte) : next++,
               &spellings[static_cast<std::size_t>(byte)]);
  }
  return spellings;
}

std::uint64_t PairKey(int left, int right) {
  return static_cast<std::uint64_t>(left) << 32 | static_cast<std::uint32_t>(right);
}

absl::StatusOr<ClipTokenizer::Vocabulary> ReadVocabulary(const std::filesystem::path& path) {
  DARKROOM_ASSIGN_OR_RETURN(const std::string text, ReadFile(path, kMaxFileBytes));
  absl::StatusOr<Json> root = Json::Parse(text);
  if (!root.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(path.string(), ": ", root.status().message()));
  }
  if (root->object() == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat(path.string(), ": not a JSON object"));
  }
  ClipTokenizer::Vocabulary vocabulary;
  for (const auto& [token, id] : *root->object()) {
    if (id.integer() == nullptr || *id.integer() < 0 || *id.integer() >= kMaxId) {
      return absl::InvalidArgumentError(
          absl::StrCat(path.string(), ": the id of '", token, "' is not one"));
    }
    vocabulary.emplace(token, static_cast<int>(*id.integer()));
  }
  return vocabulary;
}

absl::StatusOr<std::vector<std::string>> ReadMerges(const std::filesystem::path& path) {
  DARKROOM_ASSIGN_OR_RETURN(const std::string text, ReadFile(path, kMaxFileBytes));
  std::vector<std::string> merges;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    line = absl::StripSuffix(line, "\r");
    if (!line.empty() && !absl::StartsWith(line, "#version")) merges.emplace_back(line);
  }
  return merges;
}

absl::StatusOr<int> FindId(const ClipTokenizer::Vocabulary& vocabulary, absl::string_view token) {
  const auto found = vocabulary.find(token);
  if (found == vocabulary.end()) {
    return absl::InvalidArgumentError(absl::StrCat("the vocabulary has no '", token, "'"));
  }
  return found->second;
}

}  // namespace

absl::StatusOr<ClipTokenizer> ClipTokenizer::Load(const std::filesystem::path& folder,
                                                  const TokenizerConfig& config) {
  DARKROOM_ASSIGN_OR_RETURN(Vocabulary vocabulary, ReadVocabulary(folder / "vocab.json"));
  DARKROOM_ASSIGN_OR_RETURN(const std::vector<std::string> merges,
                            ReadMerges(folder / "merges.txt"));
  absl::StatusOr<ClipTokenizer> tokenizer = Create(std::move(vocabulary), merges, config);
  if (!tokenizer.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(folder.string(), ": ", tokenizer.status().message()));
  }
  return tokenizer;
}

absl::StatusOr<ClipTokenizer> ClipTokenizer::Create(const Vocabulary& vocabulary,
                                                    absl::Span<const std::string> merges,
                                                    const TokenizerConfig& config) {
  ClipTokenizer tokenizer;
  for (const auto& [token, id] : vocabulary) {
    tokenizer.vocab_size_ = std::max(tokenizer.vocab_size_, id + 1);
  }
  DARKROOM_ASSIGN_OR_RETURN(tokenizer.bos_, FindId(vocabulary, config.bos_token));
  DARKROOM_ASSIGN_OR_RETURN(tokenizer.eos_, FindId(vocabulary, config.eos_token));
  DARKROOM_ASSIGN_OR_RETURN(tokenizer.pad_, FindId(vocabulary, config.pad_token));
  DARKROOM_ASSIGN_OR_RETURN(const int unknown, FindId(vocabulary, config.unk_token));
  tokenizer.special_ = {{config.bos_token, tokenizer.bos_}, {config.eos_token, tokenizer.eos_}};

  const std::array<std::string, 256> spellings = ByteSpellings();
  for (std::size_t byte = 0; byte < 256; ++byte) {
    const auto inner = vocabulary.find(spellings[byte]);
    const auto last = vocabulary.find(absl::StrCat(spellings[byte], kEndOfWord));
    tokenizer.byte_token_[byte] = inner == vocabulary.end() ? unknown : inner->second;
    tokenizer.last_byte_token_[byte] = last == vocabulary.end() ? unknown : last->second;
  }
  for (std::size_t rank = 0; rank < merges.size(); ++rank) {
    const std::pair<absl::string_view, absl::string_view> sides =
        absl::StrSplit(merges[rank], absl::MaxSplits(' ', 1));
    DARKROOM_ASSIGN_OR_RETURN(const int left, FindId(vocabulary, sides.first));
    DARKROOM_ASSIGN_OR_RETURN(const int right, FindId(vocabulary, sides.second));
    DARKROOM_ASSIGN_OR_RETURN(const int merged,
                              FindId(vocabulary, absl::StrCat(sides.first, sides.second)));
    tokenizer.merges_.insert_or_assign(PairKey(left, right),
                                       Merge{.rank = static_cast<int>(rank), .merged = merged});
  }
  return tokenizer;
}

ClipTokenizer ClipTokenizer::ByteLevel(int vocab_size) {
  ClipTokenizer tokenizer;
  tokenizer.vocab_size_ = vocab_size;
  for (int byte = 0; byte < 256; ++byte) {
    tokenizer.byte_token_[static_cast<std::size_t>(byte)] = byte;
    tokenizer.last_byte_token_[static_cast<std::size_t>(byte)] = 256 + byte;
  }
  tokenizer.bos_ = vocab_size - 2;
  tokenizer.eos_ = vocab_size - 1;
  tokenizer.pad_ = tokenizer.eos_;
  return tokenizer;
}

std::vector<std::int64_t> ClipTokenizer::Tokenize(absl::string_view text) {
  // Special tokens are found before anything else; what stands between them is text.
  std::vector<std::int64_t> ids;
  std::size_t start = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto special = std::find_if(special_.begin(), special_.end(), [&](const auto& token) {
      return absl::StartsWith(text.substr(at), token.first);
    });
    if (special == special_.end()) {
      ++at;
      continue;
    }
    AppendText(text.substr(start, at - start), &ids);
    ids.push_back(special->second);
    at += special->first.size();
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
    tokens.push_back(i + 1 == word.size() ? last_byte_token_[byte] : byte_token_[byte]);
  }
  const auto rank_at = [&](std::size_t i) {
    const auto found = merges_.find(PairKey(tokens[i], tokens[i + 1]));
    return found == merges_.end() ? kNoRank : found->second.rank;
  };
  std::vector<int> ranks;  // of the pair that begins at each place but the last
  for (std::size_t i = 0; i + 1 < tokens.size(); ++i) ranks.push_back(rank_at(i));
  while (!ranks.empty()) {
    const auto best = std::min_element(ranks.begin(), ranks.end());
    if (*best == kNoRank) break;
    const auto i = static_cast<std::size_t>(best - ranks.begin());
    tokens[i] = merges_.find(PairKey(tokens[i], tokens[i + 1]))->second.merged;
    tokens.erase(tokens.begin() + static_cast<std::ptrdiff_t>(i) + 1);
    ranks.erase(best);
    if (i > 0) ranks[i - 1] = rank_at(i - 1);
    if (i < ranks.size()) ranks[i] = rank_at(i);
  }
  return tokens;
}

std::vector<TokenChunk> ClipTokenizer::Encode(absl::string_view text) {
  const std::vector<std::int64_t> ids = Tokenize(text);
  std::vector<TokenChunk> chunks;
  std::size_t start = 0;
  do {
    const std::size_t count = std::min<std::size_t>(ids.size() - start, kChunkCapacity);
    TokenChunk& chunk = chunks.emplace_back();
    chunk.fill(pad_);
    chunk[0] = bos_;
    std::copy_n(ids.begin() + static_cast<std::ptrdiff_t>(start), count, chunk.begin() + 1);
    chunk[count + 1] = eos_;
    start += count;
  } while (start < ids.size());
  return chunks;
}

}  // namespace darkroom::diffusion
