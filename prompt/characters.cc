#include "prompt/characters.h"

#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/unicode.h"
#include "common/utf8.h"

namespace darkroom::prompt {
namespace {

struct Character {
  char32_t code_point = kReplacementCharacter;
  std::size_t begin = 0;
};

// The one that ends at `position`, which is > 0.
Character CharacterBefore(absl::string_view text, std::size_t position) {
  std::size_t begin = position - 1;
  while (begin > 0 && position - begin < 4 && (text[begin] & 0xC0) == 0x80) --begin;
  std::size_t end = begin;
  const char32_t code_point = DecodeUtf8(text, &end);
  if (end == position) return {code_point, begin};
  return {kReplacementCharacter, position - 1};  // bytes that are no character
}

bool IsWordBefore(absl::string_view text, std::size_t position) {
  return position > 0 && IsWordCharacter(CharacterBefore(text, position).code_point);
}

bool IsWordAt(absl::string_view text, std::size_t position) {
  return position < text.size() && IsWordCharacter(DecodeUtf8(text, &position));
}

// What int() and float() do to a text first: white space around it goes, digits become ASCII and
// underscores between digits go. Other characters stay. Empty where an underscore is elsewhere.
std::string ToAsciiNumber(absl::string_view text) {
  text = StripSpace(text);
  std::string number;
  bool after_digit = false;
  for (std::size_t position = 0; position < text.size();) {
    const std::size_t begin = position;
    const char32_t code_point = DecodeUtf8(text, &position);
    const int digit = DecimalDigit(code_point);
    if (code_point == U'_') {
      std::size_t next = position;
      if (!after_digit || next == text.size() || DecimalDigit(DecodeUtf8(text, &next)) < 0) {
        return "";
      }
    } else if (digit >= 0) {
      number.push_back(static_cast<char>('0' + digit));
    } else {
      absl::StrAppend(&number, text.substr(begin, position - begin));
    }
    after_digit = digit >= 0;
  }
  return number;
}

}  // namespace

bool IsSpaceCharacter(char32_t code_point) {
  return IsSpace(code_point) || (code_point >= 0x1C && code_point <= 0x1F);
}

bool IsWordCharacter(char32_t code_point) {
  return code_point == U'_' || IsLetter(code_point) || IsNumber(code_point);
}

std::size_t SpaceEnd(absl::string_view text, std::size_t position) {
  for (std::size_t next = position; next < text.size(); position = next) {
    if (!IsSpaceCharacter(DecodeUtf8(text, &next))) break;
  }
  return position;
}

std::size_t SpaceBegin(absl::string_view text, std::size_t position) {
  while (position > 0) {
    const Character before = CharacterBefore(text, position);
    if (!IsSpaceCharacter(before.code_point)) break;
    position = before.begin;
  }
  return position;
}

std::size_t WordEnd(absl::string_view text, std::size_t position) {
  for (std::size_t next = position; next < text.size(); position = next) {
    if (!IsWordCharacter(DecodeUtf8(text, &next))) break;
  }
  return position;
}

absl::string_view StripSpace(absl::string_view text) {
  text.remove_prefix(SpaceEnd(text, 0));
  return text.substr(0, SpaceBegin(text, text.size()));
}

std::size_t FindWord(absl::string_view text, absl::string_view word, std::size_t from) {
  for (std::size_t at = text.find(word, from); at != text.npos; at = text.find(word, at + 1)) {
    if (!IsWordBefore(text, at) && !IsWordAt(text, at + word.size())) return at;
  }
  return text.npos;
}

std::optional<double> ParseFloat(absl::string_view text) {
  const std::string number = ToAsciiNumber(text);
  double value = 0;
  for (const char c : number) {
    if (!absl::ascii_isdigit(c) && absl::string_view("+-.eE").find(c) == absl::string_view::npos) {
      return std::nullopt;
    }
  }
  if (!absl::SimpleAtod(number, &value)) return std::nullopt;
  return value;
}

std::optional<int> ParseInt(absl::string_view text) {
  const std::string number = ToAsciiNumber(text);
  for (std::size_t i = 0; i < number.size(); ++i) {
    const bool is_sign = i == 0 && (number[i] == '+' || number[i] == '-');
    if (!is_sign && !absl::ascii_isdigit(number[i])) return std::nullopt;
  }
  int value = 0;
  if (!absl::SimpleAtoi(number, &value)) return std::nullopt;
  return value;
}

}  // namespace darkroom::prompt
