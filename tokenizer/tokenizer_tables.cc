#include "tokenizer/tokenizer_tables.h"

#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status_macros.h"

namespace darkroom::tokenizer {
namespace {

constexpr absl::string_view kMagic = "DCT1";
constexpr int kMaxSpecialTokens = 16;
constexpr int kMaxSpecialBytes = 64;
constexpr std::size_t kFewestMergeBytes = 3;  // one a number

void AppendNumber(std::uint32_t value, std::string* bytes) {
  for (; value >= 0x80; value >>= 7) bytes->push_back(static_cast<char>(value | 0x80));
  bytes->push_back(static_cast<char>(value));
}

std::uint32_t ZigZag(int value) {
  return static_cast<std::uint32_t>(value) << 1 ^ static_cast<std::uint32_t>(value >> 31);
}

int UnZigZag(std::uint32_t value) {
  return static_cast<int>(value >> 1) ^ -static_cast<int>(value & 1);
}

class Reader {
 public:
  explicit Reader(absl::string_view bytes) : rest_(bytes) {}

  // A number below `limit` ≤ 2^31.
  absl::StatusOr<int> Number(std::uint64_t limit) {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 35; shift += 7) {
      if (rest_.empty()) return absl::InvalidArgumentError("a tokenizer that is cut off");
      const auto byte = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      value |= std::uint64_t{byte & 0x7Fu} << shift;
      if (byte < 0x80) {
        if (value < limit) return static_cast<int>(value);
        break;
      }
    }
    return absl::InvalidArgumentError(absl::StrCat("a tokenizer with a number not below ", limit));
  }

  absl::StatusOr<std::string> Text(int length) {
    if (rest_.size() < static_cast<std::size_t>(length)) {
      return absl::InvalidArgumentError("a tokenizer that is cut off");
    }
    std::string text(rest_.substr(0, static_cast<std::size_t>(length)));
    rest_.remove_prefix(text.size());
    return text;
  }

  std::size_t left() const { return rest_.size(); }

 private:
  absl::string_view rest_;
};

absl::Status ReadSpecialTokens(Reader* reader, TokenizerTables* tables) {
  DARKROOM_ASSIGN_OR_RETURN(const int count, reader->Number(kMaxSpecialTokens + 1));
  for (int i = 0; i < count; ++i) {
    SpecialToken token;
    DARKROOM_ASSIGN_OR_RETURN(token.id, reader->Number(tables->vocab_size));
    DARKROOM_ASSIGN_OR_RETURN(const int length, reader->Number(kMaxSpecialBytes + 1));
    if (length == 0) return absl::InvalidArgumentError("a tokenizer with an empty special token");
    DARKROOM_ASSIGN_OR_RETURN(token.spelling, reader->Text(length));
    tables->special.push_back(std::move(token));
  }
  return absl::OkStatus();
}

absl::Status ReadMerges(Reader* reader, TokenizerTables* tables) {
  DARKROOM_ASSIGN_OR_RETURN(const int count, reader->Number(kMaxVocabulary));
  if (static_cast<std::size_t>(count) > reader->left() / kFewestMergeBytes) {
    return absl::InvalidArgumentError("a tokenizer that is cut off");
  }
  tables->merges.reserve(static_cast<std::size_t>(count));
  int previous = 0;
  for (int i = 0; i < count; ++i) {
    TokenMerge merge;
    DARKROOM_ASSIGN_OR_RETURN(merge.left, reader->Number(tables->vocab_size));
    DARKROOM_ASSIGN_OR_RETURN(merge.right, reader->Number(tables->vocab_size));
    DARKROOM_ASSIGN_OR_RETURN(const int delta, reader->Number(2 * kMaxVocabulary));
    merge.merged = previous + UnZigZag(static_cast<std::uint32_t>(delta));
    if (merge.merged < 0 || merge.merged >= tables->vocab_size) {
      return absl::InvalidArgumentError("a tokenizer with a merge into no token");
    }
    previous = merge.merged;
    tables->merges.push_back(merge);
  }
  return absl::OkStatus();
}

}  // namespace

std::string SerialiseTables(const TokenizerTables& tables) {
  std::string bytes(kMagic);
  const auto add = [&bytes](int value) { AppendNumber(static_cast<std::uint32_t>(value), &bytes); };
  for (const int id : {tables.vocab_size, tables.bos, tables.eos, tables.pad, tables.unknown}) {
    add(id);
  }
  for (const int id : tables.byte_token) add(id);
  for (const int id : tables.last_byte_token) add(id);
  add(static_cast<int>(tables.special.size()));
  for (const SpecialToken& token : tables.special) {
    add(token.id);
    add(static_cast<int>(token.spelling.size()));
    bytes.append(token.spelling);
  }
  add(static_cast<int>(tables.merges.size()));
  int previous = 0;
  for (const TokenMerge& merge : tables.merges) {
    add(merge.left);
    add(merge.right);
    AppendNumber(ZigZag(merge.merged - previous), &bytes);
    previous = merge.merged;
  }
  return bytes;
}

absl::StatusOr<TokenizerTables> ParseTables(absl::string_view bytes) {
  if (bytes.size() > kMaxSerialisedBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("a tokenizer of more than ", kMaxSerialisedBytes, " bytes"));
  }
  if (!absl::StartsWith(bytes, kMagic)) return absl::InvalidArgumentError("not a tokenizer");
  Reader reader(bytes.substr(kMagic.size()));
  TokenizerTables tables;
  DARKROOM_ASSIGN_OR_RETURN(tables.vocab_size, reader.Number(kMaxVocabulary + 1));
  for (int* id : {&tables.bos, &tables.eos, &tables.pad, &tables.unknown}) {
    DARKROOM_ASSIGN_OR_RETURN(*id, reader.Number(tables.vocab_size));
  }
  for (std::array<int, 256>* ids : {&tables.byte_token, &tables.last_byte_token}) {
    for (int& id : *ids) {
      DARKROOM_ASSIGN_OR_RETURN(id, reader.Number(tables.vocab_size));
    }
  }
  DARKROOM_RETURN_IF_ERROR(ReadSpecialTokens(&reader, &tables));
  DARKROOM_RETURN_IF_ERROR(ReadMerges(&reader, &tables));
  if (reader.left() > 0) {
    return absl::InvalidArgumentError("a tokenizer with something behind its end");
  }
  return tables;
}

}  // namespace darkroom::tokenizer
