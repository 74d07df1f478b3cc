#include "common/utf8.h"

#include <string>

#include "gtest/gtest.h"

namespace darkroom {
namespace {

TEST(Utf8, EveryLengthSurvivesARoundTrip) {
  for (const char32_t c : {U'\0', U'a', U'\x7F', U'\x80', U'\x7FF', U'\x800', U'\xD7FF', U'\xE000',
                           U'\xFFFF', U'\x10000', U'\x10FFFF'}) {
    std::string bytes;
    AppendUtf8(c, &bytes);
    EXPECT_TRUE(IsValidUtf8(bytes)) << static_cast<unsigned>(c);
    std::size_t position = 0;
    EXPECT_EQ(DecodeUtf8(bytes, &position), c);
    EXPECT_EQ(position, bytes.size());
  }
  std::string euro;
  AppendUtf8(U'€', &euro);
  EXPECT_EQ(euro, "\xE2\x82\xAC");
}

TEST(Utf8, MalformedBytesBecomeReplacementCharacters) {
  for (const char* bytes :
       {"\x80", "\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xED\xA0\x80", "\xF0\x80\x80\x80",
        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "\xE2\x82", "\xF0\x9F\x98"}) {
    EXPECT_FALSE(IsValidUtf8(bytes));
    EXPECT_EQ(ToCodePoints(bytes).front(), kReplacementCharacter);
  }
  // A cut sequence counts once, and what follows it is read again.
  EXPECT_EQ(ToCodePoints("\xE2\x82z"), U"\xFFFDz");
  EXPECT_EQ(ToCodePoints("\xE2\x82\xE2\x82\xAC"), U"\xFFFD€");
}

TEST(Utf8, AReplacementCharacterInTheTextIsValid) { EXPECT_TRUE(IsValidUtf8("\xEF\xBF\xBD")); }

}  // namespace
}  // namespace darkroom
