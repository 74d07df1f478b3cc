#include "infotext/parts.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "infotext/quoting.h"
#include "infotext/whitespace.h"

namespace darkroom::infotext {
namespace {

// A pair as it stands in the line: the value may have quotes.
struct RawPair {
  absl::string_view key;
  absl::string_view value;
};

bool IsAscii(char c) { return static_cast<unsigned char>(c) < 0x80; }
bool BeginsCharacter(char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }

// Whether a text begins with a character that a key may begin with.
bool BeginsWithWord(absl::string_view text) {
  if (text.empty()) return false;
  const char c = text.front();
  if (IsAscii(c)) return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_';
  return LeadingSpace(text) == 0;
}

bool BeginsWithKeyCharacter(absl::string_view text) {
  if (text.empty()) return false;
  const char c = text.front();
  return c == ' ' || c == '-' || c == '/' || BeginsWithWord(text);
}

// Bytes of the run of key characters at the beginning of a text.
std::size_t KeyLength(absl::string_view text) {
  std::size_t length = 0;
  while (BeginsWithKeyCharacter(text.substr(length))) ++length;
  return length;
}

// Bytes of the quoted value that a text begins with, quotes included; 0 when there is none. It ends
// at the first quote without a backslash, after which the pair must end too.
std::size_t QuotedLength(absl::string_view text) {
  if (text.empty() || text.front() != '"') return 0;
  std::size_t at = 1;
  while (at < text.size() && text[at] != '"') at += text[at] == '\\' ? 2 : 1;
  if (at >= text.size() || at == 1) return 0;  // no end, or no content
  ++at;
  return at == text.size() || text[at] == ',' ? at : 0;
}

// All matches of A1111's regular expression
//   \s*(\w[\w \-/]+):\s*("(?:\\.|[^\\"])+"|[^,]*)(?:,|$)
// whose alternatives exclude each other so that nothing has to be tried twice.
std::vector<RawPair> FindPairs(absl::string_view line) {
  std::vector<RawPair> pairs;
  while (!line.empty()) {
    if (!BeginsWithWord(line)) {
      line.remove_prefix(std::max<std::size_t>(LeadingSpace(line), 1));
      continue;
    }
    const std::size_t length = KeyLength(line);
    const absl::string_view key = line.substr(0, length);
    line.remove_prefix(length);
    // A key that does not end at a colon has no end that does.
    if (!IsPairKey(key) || !absl::ConsumePrefix(&line, ":")) continue;
    while (const std::size_t size = LeadingSpace(line)) line.remove_prefix(size);
    std::size_t value = QuotedLength(line);
    if (value == 0) value = std::min(line.find(','), line.size());
    pairs.push_back({.key = key, .value = line.substr(0, value)});
    line.remove_prefix(std::min(value + 1, line.size()));
  }
  return pairs;
}

// The pairs by their keys, in order.
std::vector<Pair> Unquote(const std::vector<RawPair>& raw) {
  std::vector<Pair> pairs;
  absl::flat_hash_map<absl::string_view, std::size_t> places;
  for (const RawPair& pair : raw) {
    // The original keeps the prompts under these names, whatever the line says.
    const bool prompt = pair.key == "Prompt" || pair.key == "Negative prompt";
    if (pair.value.empty() || prompt) continue;
    const auto [place, is_new] = places.try_emplace(pair.key, pairs.size());
    if (is_new) pairs.push_back({.key = std::string(pair.key), .value = ""});
    pairs[place->second].value = UnquoteValue(pair.value);
  }
  return pairs;
}

void AppendLine(absl::string_view line, std::string* text) {
  if (!text->empty()) *text += '\n';
  text->append(line.data(), line.size());
}

}  // namespace

bool IsPairKey(absl::string_view key) {
  return BeginsWithWord(key) && KeyLength(key) == key.size() &&
         std::count_if(key.begin(), key.end(), BeginsCharacter) >= 2;
}

InfotextParts SplitInfotext(absl::string_view text) {
  constexpr std::size_t kFewestPairs = 3;
  InfotextParts parts;
  std::vector<absl::string_view> lines = absl::StrSplit(Strip(text), '\n');
  const std::vector<RawPair> pairs = FindPairs(lines.back());
  if (pairs.size() >= kFewestPairs) {
    parts.pairs = Unquote(pairs);
    lines.pop_back();
  }
  bool negative = false;
  for (absl::string_view line : lines) {
    line = Strip(line);
    if (absl::ConsumePrefix(&line, "Negative prompt:")) {
      negative = true;
      line = Strip(line);
    }
    AppendLine(line, negative ? &parts.negative_prompt : &parts.prompt);
  }
  return parts;
}

}  // namespace darkroom::infotext
