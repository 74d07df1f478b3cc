#include "common/unicode.h"

#include "gtest/gtest.h"

namespace darkroom {
namespace {

std::u32string Lower(char32_t code_point) {
  std::u32string text;
  AppendLowerCase(code_point, &text);
  return text;
}

TEST(Unicode, ClassesFollowTheGeneralCategory) {
  for (const char32_t c : std::u32string(U"aZéßжλ中アㅎअ𝔘")) {
    EXPECT_TRUE(IsLetter(c)) << static_cast<unsigned>(c);
  }
  for (const char32_t c : std::u32string(U"07½²Ⅷ٣१")) {
    EXPECT_TRUE(IsNumber(c)) << static_cast<unsigned>(c);
  }
  EXPECT_FALSE(IsLetter(U'\x301'));  // a combining mark
  EXPECT_FALSE(IsLetter(U'_'));
  EXPECT_FALSE(IsNumber(U'a'));
  EXPECT_TRUE(IsSpace(U'\t'));
  EXPECT_TRUE(IsSpace(U'\x3000'));
  EXPECT_FALSE(IsSpace(U'\x200B'));
  EXPECT_FALSE(IsSpace(U'\x1C'));
}

TEST(Unicode, DecimalDigitsOfEveryScriptHaveAValue) {
  EXPECT_EQ(DecimalDigit(U'0'), 0);
  EXPECT_EQ(DecimalDigit(U'9'), 9);
  EXPECT_EQ(DecimalDigit(U'٣'), 3);
  EXPECT_EQ(DecimalDigit(U'５'), 5);
  EXPECT_EQ(DecimalDigit(U'𝟿'), 9);
  for (const char32_t c : std::u32string(U"/:a½²Ⅷ\x10FFFF")) {
    EXPECT_EQ(DecimalDigit(c), -1) << static_cast<unsigned>(c);
  }
}

TEST(Unicode, LowerCaseHasNoContext) {
  EXPECT_EQ(Lower(U'A'), U"a");
  EXPECT_EQ(Lower(U'Σ'), U"σ");
  EXPECT_EQ(Lower(U'İ'), U"i\x307");
  EXPECT_EQ(Lower(U'ẞ'), U"ß");
  EXPECT_EQ(Lower(U'7'), U"7");
}

TEST(Unicode, NfcComposesAcrossMarksOfOtherClasses) {
  EXPECT_EQ(NormalizeNfc(U"e\x301"), U"é");
  EXPECT_EQ(NormalizeNfc(U"e\x302\x323"), U"ệ");  // reordered first
  EXPECT_EQ(NormalizeNfc(U"d\x307\x323"), U"\x1E0D\x307");
  EXPECT_EQ(NormalizeNfc(U"Å"), U"\xC5");  // ANGSTROM SIGN, a singleton
}

TEST(Unicode, NfcLeavesWhatIsBlockedOrExcluded) {
  // The second acute is blocked by the first, the overlay of another class blocks nothing.
  EXPECT_EQ(NormalizeNfc(U"a\x338\x301\x301"), U"\xE1\x338\x301");
  EXPECT_EQ(NormalizeNfc(U"\x958"), U"\x915\x93C");  // a composition exclusion
  EXPECT_EQ(NormalizeNfc(U"\x301"), U"\x301");
}

TEST(Unicode, NfcComposesHangulByArithmetic) {
  EXPECT_EQ(NormalizeNfc(U"\x1112\x1161\x11AB"), U"한");
  EXPECT_EQ(NormalizeNfc(U"한"), U"한");
  EXPECT_EQ(NormalizeNfc(U"\xAC00\x11A7"), U"\xAC00\x11A7");  // one before the first trail
}

}  // namespace
}  // namespace darkroom
