#include "prompt/composition.h"

#include <cstddef>
#include <optional>

#include "common/unicode.h"
#include "common/utf8.h"
#include "prompt/characters.h"

namespace darkroom::prompt {
namespace {

constexpr absl::string_view kAnd = "AND";

// [-+]?(\d+\.?|\d*\.\d+)
std::optional<double> ReadWeight(absl::string_view text) {
  absl::string_view digits = text;
  if (!digits.empty() && (digits.front() == '+' || digits.front() == '-')) digits.remove_prefix(1);
  for (std::size_t position = 0; position < digits.size();) {
    const char32_t code_point = DecodeUtf8(digits, &position);
    if (code_point != U'.' && DecimalDigit(code_point) < 0) return std::nullopt;
  }
  return ParseFloat(text);  // at most one point, at least one digit
}

WeightedText ReadPart(absl::string_view text) {
  text = text.substr(0, SpaceBegin(text, text.size()));
  const std::size_t colon = text.rfind(':');
  if (colon != text.npos) {
    const std::optional<double> weight = ReadWeight(text.substr(SpaceEnd(text, colon + 1)));
    if (weight.has_value()) return {std::string(text.substr(0, SpaceBegin(text, colon))), *weight};
  }
  return {std::string(text), 1};
}

}  // namespace

std::vector<WeightedText> SplitComposition(absl::string_view text) {
  std::vector<WeightedText> parts;
  std::size_t begin = 0;
  for (std::size_t at = FindWord(text, kAnd, 0); at != text.npos;
       at = FindWord(text, kAnd, begin)) {
    parts.push_back(ReadPart(text.substr(begin, at - begin)));
    begin = at + kAnd.size();
  }
  parts.push_back(ReadPart(text.substr(begin)));
  return parts;
}

}  // namespace darkroom::prompt
