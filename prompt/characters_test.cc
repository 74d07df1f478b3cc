#include "prompt/characters.h"

#include <cmath>
#include <string>

#include "gtest/gtest.h"

namespace darkroom::prompt {
namespace {

TEST(Characters, SpaceIsThatOfEveryScriptAndTheSeparators) {
  const std::string space = "\t \u00a0\u2003\u3000\x1c\u0085";
  EXPECT_EQ(SpaceEnd(space + "a", 0), space.size());
  EXPECT_EQ(SpaceBegin("a" + space, 1 + space.size()), 1u);
  EXPECT_EQ(StripSpace(space + "a b" + space), "a b");
  EXPECT_EQ(StripSpace(space), "");
  EXPECT_EQ(SpaceEnd("\u200b", 0), 0u);  // a zero-width space is none
}

TEST(Characters, BytesThatAreNoCharacterAreNoSpace) {
  const std::string cut = "\u3000";
  EXPECT_EQ(SpaceEnd(cut.substr(0, 2), 0), 0u);
  EXPECT_EQ(SpaceBegin(cut.substr(1), 2), 2u);
  EXPECT_EQ(StripSpace("\x80\x80\x80\x80\x80"), "\x80\x80\x80\x80\x80");
}

TEST(Characters, AWordStandsAlone) {
  EXPECT_EQ(FindWord("AND", "AND", 0), 0u);
  EXPECT_EQ(FindWord("BAND AND", "AND", 0), 5u);
  EXPECT_EQ(FindWord("ANDAND, _AND, AND1", "AND", 0), absl::string_view::npos);
  EXPECT_EQ(FindWord("éAND, ANDж, 中AND", "AND", 0), absl::string_view::npos);
  EXPECT_EQ(FindWord("a\xFF"
                     "AND\xFF",
                     "AND", 0),
            2u);
  EXPECT_EQ(FindWord("AND AND", "AND", 1), 4u);
}

TEST(Characters, WordsHaveLettersNumbersAndUnderscores) {
  const std::string word = "aß中_9²Ⅷ٣";
  EXPECT_EQ(WordEnd(word + ":", 0), word.size());
  EXPECT_EQ(WordEnd("-", 0), 0u);
}

TEST(Characters, FloatsAreThoseOfPython) {
  EXPECT_EQ(ParseFloat("1.5"), 1.5);
  EXPECT_EQ(ParseFloat(" +.5\n"), 0.5);
  EXPECT_EQ(ParseFloat("-5."), -5);
  EXPECT_EQ(ParseFloat("5.e1"), 50);
  EXPECT_EQ(ParseFloat("1e-2"), 0.01);
  EXPECT_EQ(ParseFloat("1_000.5"), 1000.5);
  EXPECT_EQ(ParseFloat("１.５"), 1.5);
  EXPECT_TRUE(std::isinf(*ParseFloat("1e999")));
  EXPECT_EQ(ParseFloat("1e-999"), 0);
  for (const char* text :
       {"",    " ",    ".",  "1.2.3", "e5",   "1e",  "1e+", "+-1",      "--1", "0x10",
        "1 2", "1__0", "_1", "1_",    "1_.5", "nan", "inf", "infinity", "²",   "1\xFF"}) {
    EXPECT_EQ(ParseFloat(text), std::nullopt) << text;
  }
}

TEST(Characters, IntegersAreThoseOfPython) {
  EXPECT_EQ(ParseInt(" +12 "), 12);
  EXPECT_EQ(ParseInt("-1_0"), -10);
  EXPECT_EQ(ParseInt("٣"), 3);
  for (const char* text : {"", "+", "1.0", "1e3", "a", "99999999999", "+-1"}) {
    EXPECT_EQ(ParseInt(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace darkroom::prompt
