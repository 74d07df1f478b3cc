#include "infotext/quoting.h"

#include "gtest/gtest.h"

namespace darkroom::infotext {
namespace {

TEST(Quoting, ValuesThatWouldBreakTheLineBecomeJsonStrings) {
  EXPECT_EQ(QuoteValue("plain value_1"), "plain value_1");
  EXPECT_EQ(QuoteValue("a, b"), R"("a, b")");
  EXPECT_EQ(QuoteValue("a:b"), R"("a:b")");
  EXPECT_EQ(QuoteValue("say \"hi\\\""), R"("say \"hi\\\"")");
  EXPECT_EQ(QuoteValue("two\nlines\x01\x7f"), "\"two\\nlines\\u0001\x7f\"");
  EXPECT_EQ(QuoteValue("back\\slash"), "back\\slash");
}

TEST(Quoting, SoDoValuesThatWouldBeReadAsOthers) {
  EXPECT_EQ(QuoteValue(" padded"), R"(" padded")");
  EXPECT_EQ(QuoteValue("padded\xc2\xa0"), "\"padded\xc2\xa0\"");
  EXPECT_EQ(QuoteValue("\""), R"("\"")");
  EXPECT_EQ(QuoteValue(""), R"("")");
}

TEST(Quoting, UnquotingIsTheInverse) {
  for (const std::string value : {"", "plain", "a, b", "\"", "\\", "\n\r\t\b\f\x01/", " x ",
                                  "caf\xc3\xa9 \xf0\x9f\x90\x88", "\\u0041"}) {
    EXPECT_EQ(UnquoteValue(QuoteValue(value)), value);
  }
}

TEST(Quoting, EscapesOfCodePointsAreUnderstood) {
  EXPECT_EQ(UnquoteValue(R"("\u0041\u00e9\u732B\/")"), "A\xc3\xa9\xe7\x8c\xab/");
  EXPECT_EQ(UnquoteValue(R"("\ud83d\udc08")"), "\xf0\x9f\x90\x88");
  EXPECT_EQ(UnquoteValue(R"("\ud83d!\udc08")"), "\xef\xbf\xbd!\xef\xbf\xbd");
  EXPECT_EQ(UnquoteValue(R"("\ud83d\u0041")"),
            "\xef\xbf\xbd"
            "A");
}

TEST(Quoting, WhatIsNoJsonStringStandsForItself) {
  for (const std::string text : {"\"", "\"a", "a\"", R"("a"b")", R"("\x")", R"("\u12")",
                                 R"("\u12g4")", "\"a\tb\"", R"("a\")", R"("\")"}) {
    EXPECT_EQ(UnquoteValue(text), text);
  }
}

}  // namespace
}  // namespace darkroom::infotext
