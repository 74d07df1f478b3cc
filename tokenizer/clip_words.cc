#include "tokenizer/clip_words.h"

#include <cstddef>
#include <initializer_list>
#include <string_view>

#include "common/unicode.h"
#include "common/utf8.h"

namespace darkroom::tokenizer {
namespace {

constexpr std::initializer_list<std::u32string_view> kContractions = {U"'s", U"'t",  U"'re", U"'ve",
                                                                      U"'m", U"'ll", U"'d"};

// Spelled like a special token, but not one: in upper case for instance. It is cut in three, and
// ends a run of other characters where it begins one.
constexpr std::initializer_list<std::u32string_view> kSpecialNames = {U"startoftext", U"endoftext"};

enum class Kind { kSpace, kLetter, kNumber, kOther };

Kind Classify(char32_t code_point) {
  if (IsSpace(code_point)) return Kind::kSpace;
  if (IsLetter(code_point)) return Kind::kLetter;
  return IsNumber(code_point) ? Kind::kNumber : Kind::kOther;
}

std::string ToUtf8(std::u32string_view text) {
  std::string bytes;
  for (const char32_t code_point : text) AppendUtf8(code_point, &bytes);
  return bytes;
}

std::u32string Normalize(absl::string_view text) {
  std::u32string lower;
  for (const char32_t code_point : NormalizeNfc(ToCodePoints(text))) {
    AppendLowerCase(code_point, &lower);
  }
  return lower;
}

// The length of the contraction that the text begins with, or 0.
std::size_t ContractionLength(std::u32string_view text) {
  for (const std::u32string_view contraction : kContractions) {
    if (text.starts_with(contraction)) return contraction.size();
  }
  return 0;
}

// Cuts "<|name|>" off the front; true if it was there.
bool TakeSpecial(std::u32string_view* text, std::vector<std::string>* words) {
  if (!text->starts_with(U"<|")) return false;
  for (const std::u32string_view name : kSpecialNames) {
    const std::u32string_view rest = text->substr(2);
    if (!rest.starts_with(name) || !rest.substr(name.size()).starts_with(U"|>")) continue;
    words->insert(words->end(), {"<|", ToUtf8(name), "|>"});
    text->remove_prefix(name.size() + 4);
    return true;
  }
  return false;
}

// The length of the word that the text begins with. Requires that it begins with no space.
std::size_t WordLength(std::u32string_view text) {
  if (const std::size_t contraction = ContractionLength(text); contraction > 0) return contraction;
  const Kind kind = Classify(text.front());
  if (kind == Kind::kNumber) return 1;
  std::size_t length = 1;
  while (length < text.size() && Classify(text[length]) == kind) ++length;
  return length;
}

}  // namespace

std::vector<std::string> SplitClipWords(absl::string_view text) {
  const std::u32string normalized = Normalize(text);
  std::vector<std::string> words;
  for (std::u32string_view rest = normalized; !rest.empty();) {
    if (IsSpace(rest.front())) {
      rest.remove_prefix(1);
    } else if (!TakeSpecial(&rest, &words)) {
      const std::size_t length = WordLength(rest);
      words.push_back(ToUtf8(rest.substr(0, length)));
      rest.remove_prefix(length);
    }
  }
  return words;
}

}  // namespace darkroom::tokenizer
