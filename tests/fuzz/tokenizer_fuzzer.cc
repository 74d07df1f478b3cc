// Any bytes are a text that can be tokenised, and either a tokenizer that can be used or refused.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/utf8.h"
#include "tests/fuzz/check.h"
#include "tokenizer/clip_tokenizer.h"
#include "tokenizer/tokenizer_tables.h"

namespace darkroom::tokenizer {
namespace {

// Bytes, and the merges of a few words.
TokenizerTables Small() {
  TokenizerTables tables = ParseTables(ClipTokenizer::ByteLevel(600).Serialise()).value();
  tables.merges = {{'a', 'b', 520}, {520, 256 + 'c', 521}, {0xC3, 0xA9, 522}, {522, 522, 523}};
  tables.special = {{"<|startoftext|>", 598}, {"<|endoftext|>", 599}};
  return tables;
}

void CheckText(ClipTokenizer& tokenizer, absl::string_view text) {
  const std::vector<std::int64_t> ids = tokenizer.Tokenize(text);
  // Three bytes of U+FFFD for one that is no UTF-8, and what lower case and composition may add.
  CHECK(ids.size() <= 12 * text.size());
  CHECK(tokenizer.Tokenize(text) == ids);
  for (const std::int64_t id : ids) {
    CHECK(id >= 0 && id < tokenizer.vocab_size());
    const std::string spelled = tokenizer.Spell(id);
    CHECK(IsValidUtf8(spelled));
    CHECK(spelled.size() <= 4 * ClipTokenizer::kMaxSpelledBytes + 1);
  }
}

void CheckTables(absl::string_view bytes) {
  auto tokenizer = ClipTokenizer::Parse(bytes);
  if (!tokenizer.ok()) return;
  const auto again = ClipTokenizer::Parse(tokenizer->Serialise());
  CHECK(again.ok() && again->Serialise() == tokenizer->Serialise());
  CheckText(*tokenizer, "abc é <|endoftext|> 12");
}

}  // namespace
}  // namespace darkroom::tokenizer

// The first byte says what the others are: a text, a published tokenizer, or one that was changed.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace darkroom::tokenizer;  // NOLINT(google-build-using-namespace)
  if (size == 0) return 0;
  const absl::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  static const std::string published = SerialiseTables(Small());
  if (data[0] % 3 == 0) {
    static ClipTokenizer tokenizer = ClipTokenizer::Parse(published).value();
    CheckText(tokenizer, rest);
  } else if (data[0] % 3 == 1) {
    CheckTables(rest);
  } else {
    std::string changed = published;
    for (std::size_t i = 0; i + 2 < rest.size(); i += 3) {
      const std::size_t at =
          static_cast<unsigned char>(rest[i]) * 256u + static_cast<unsigned char>(rest[i + 1]);
      changed[at % changed.size()] = rest[i + 2];
    }
    CheckTables(changed);
  }
  return 0;
}
