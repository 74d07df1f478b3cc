#include "infotext/quoting.h"

#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "infotext/whitespace.h"

namespace darkroom::infotext {
namespace {

constexpr char32_t kReplacement = 0xfffd;

// The letter of a two-character escape, or 0 for a character that has none.
char EscapeLetter(char c) {
  switch (c) {
    case '"':
    case '\\':
      return c;
    case '\b':
      return 'b';
    case '\f':
      return 'f';
    case '\n':
      return 'n';
    case '\r':
      return 'r';
    case '\t':
      return 't';
    default:
      return 0;
  }
}

std::optional<char> UnescapeLetter(char letter) {
  if (letter == '/') return '/';
  for (const char c : {'"', '\\', '\b', '\f', '\n', '\r', '\t'}) {
    if (EscapeLetter(c) == letter) return c;
  }
  return std::nullopt;
}

void AppendUtf8(char32_t point, std::string* out) {
  const auto tail = [&](int shift) { *out += static_cast<char>(0x80 | ((point >> shift) & 0x3f)); };
  if (point < 0x80) {
    *out += static_cast<char>(point);
  } else if (point < 0x800) {
    *out += static_cast<char>(0xc0 | (point >> 6));
    tail(0);
  } else if (point < 0x10000) {
    *out += static_cast<char>(0xe0 | (point >> 12));
    tail(6);
    tail(0);
  } else {
    *out += static_cast<char>(0xf0 | (point >> 18));
    tail(12);
    tail(6);
    tail(0);
  }
}

// The number after "\u", which the text loses.
std::optional<char32_t> TakeCodeUnit(absl::string_view* text) {
  if (text->size() < 4) return std::nullopt;
  char32_t unit = 0;
  for (const char c : text->substr(0, 4)) {
    if (!absl::ascii_isxdigit(static_cast<unsigned char>(c))) return std::nullopt;
    const int digit = absl::ascii_isdigit(static_cast<unsigned char>(c))
                          ? c - '0'
                          : absl::ascii_tolower(static_cast<unsigned char>(c)) - 'a' + 10;
    unit = unit << 4 | static_cast<char32_t>(digit);
  }
  text->remove_prefix(4);
  return unit;
}

bool IsHighSurrogate(char32_t unit) { return unit >= 0xd800 && unit < 0xdc00; }
bool IsLowSurrogate(char32_t unit) { return unit >= 0xdc00 && unit < 0xe000; }

// What follows "\u": one code unit, or a pair of them.
bool AppendUnicodeEscape(absl::string_view* text, std::string* out) {
  const std::optional<char32_t> unit = TakeCodeUnit(text);
  if (!unit.has_value()) return false;
  char32_t point = *unit;
  if (IsHighSurrogate(point)) {
    absl::string_view rest = *text;
    const bool escape = absl::ConsumePrefix(&rest, "\\u");
    const std::optional<char32_t> low = escape ? TakeCodeUnit(&rest) : std::nullopt;
    if (low.has_value() && IsLowSurrogate(*low)) {
      point = 0x10000 + ((point - 0xd800) << 10) + (*low - 0xdc00);
      *text = rest;
    } else {
      point = kReplacement;
    }
  } else if (IsLowSurrogate(point)) {
    point = kReplacement;
  }
  AppendUtf8(point, out);
  return true;
}

// What a JSON string without its quotes stands for (RFC 8259, section 7); nothing when it is none.
std::optional<std::string> DecodeJsonString(absl::string_view text) {
  std::string out;
  while (!text.empty()) {
    const char c = text.front();
    text.remove_prefix(1);
    if (c == '"' || static_cast<unsigned char>(c) < 0x20) return std::nullopt;
    if (c != '\\') {
      out += c;
      continue;
    }
    if (text.empty()) return std::nullopt;
    const char letter = text.front();
    text.remove_prefix(1);
    if (letter == 'u') {
      if (!AppendUnicodeEscape(&text, &out)) return std::nullopt;
    } else {
      const std::optional<char> plain = UnescapeLetter(letter);
      if (!plain.has_value()) return std::nullopt;
      out += *plain;
    }
  }
  return out;
}

bool NeedsQuotes(absl::string_view value) {
  return value.empty() || value.find_first_of(",:\n\r\"") != absl::string_view::npos ||
         Strip(value).size() != value.size();
}

}  // namespace

std::string QuoteValue(absl::string_view value) {
  if (!NeedsQuotes(value)) return std::string(value);
  std::string quoted = "\"";
  for (const char c : value) {
    if (const char letter = EscapeLetter(c); letter != 0) {
      quoted += '\\';
      quoted += letter;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      absl::StrAppendFormat(&quoted, "\\u%04x", c);
    } else {
      quoted += c;
    }
  }
  return quoted + "\"";
}

std::string UnquoteValue(absl::string_view text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return std::string(text);
  return DecodeJsonString(text.substr(1, text.size() - 2)).value_or(std::string(text));
}

}  // namespace darkroom::infotext
