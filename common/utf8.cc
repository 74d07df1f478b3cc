#include "common/utf8.h"

namespace darkroom {
namespace {

// Set apart from a decoded U+FFFD, which is a valid character.
constexpr char32_t kInvalid = 0xFFFFFFFF;

// The bytes that may follow a lead byte, and how many. The first continuation has a narrower range
// after some leads, which is what excludes overlong forms, surrogates and values past U+10FFFF.
struct Lead {
  int continuations = -1;  // -1: no lead byte
  unsigned char low = 0x80;
  unsigned char high = 0xBF;
};

Lead Classify(unsigned char byte) {
  if (byte < 0x80) return {0};
  if (byte < 0xC2) return {-1};
  if (byte < 0xE0) return {1};
  if (byte == 0xE0) return {2, 0xA0, 0xBF};
  if (byte == 0xED) return {2, 0x80, 0x9F};
  if (byte < 0xF0) return {2};
  if (byte == 0xF0) return {3, 0x90, 0xBF};
  if (byte < 0xF4) return {3};
  if (byte == 0xF4) return {3, 0x80, 0x8F};
  return {-1};
}

char32_t Decode(absl::string_view text, std::size_t* position) {
  const auto first = static_cast<unsigned char>(text[(*position)++]);
  const Lead lead = Classify(first);
  if (lead.continuations < 0) return kInvalid;
  if (lead.continuations == 0) return first;
  char32_t value = first & (0x3F >> lead.continuations);
  for (int i = 0; i < lead.continuations; ++i) {
    if (*position >= text.size()) return kInvalid;
    const auto byte = static_cast<unsigned char>(text[*position]);
    const unsigned char low = i == 0 ? lead.low : 0x80;
    const unsigned char high = i == 0 ? lead.high : 0xBF;
    if (byte < low || byte > high) return kInvalid;
    value = (value << 6) | (byte & 0x3F);
    ++*position;
  }
  return value;
}

}  // namespace

char32_t DecodeUtf8(absl::string_view text, std::size_t* position) {
  const char32_t value = Decode(text, position);
  return value == kInvalid ? kReplacementCharacter : value;
}

bool IsValidUtf8(absl::string_view text) {
  for (std::size_t position = 0; position < text.size();) {
    if (Decode(text, &position) == kInvalid) return false;
  }
  return true;
}

void AppendUtf8(char32_t code_point, std::string* text) {
  if (code_point < 0x80) {
    text->push_back(static_cast<char>(code_point));
    return;
  }
  const int continuations = code_point < 0x800 ? 1 : code_point < 0x10000 ? 2 : 3;
  const unsigned lead_bits = 0xFF00u >> (continuations + 1) & 0xFF;  // 110, 1110, 11110
  text->push_back(static_cast<char>(lead_bits | code_point >> (6 * continuations)));
  for (int i = continuations - 1; i >= 0; --i) {
    text->push_back(static_cast<char>(0x80 | (code_point >> (6 * i) & 0x3F)));
  }
}

std::u32string ToCodePoints(absl::string_view text) {
  std::u32string code_points;
  code_points.reserve(text.size());
  for (std::size_t position = 0; position < text.size();) {
    code_points.push_back(DecodeUtf8(text, &position));
  }
  return code_points;
}

}  // namespace darkroom
