#include "infotext/whitespace.h"

#include "gtest/gtest.h"

namespace darkroom::infotext {
namespace {

TEST(Whitespace, IsThatOfUnicode) {
  EXPECT_EQ(LeadingSpace(" a"), 1u);
  EXPECT_EQ(LeadingSpace("\xc2\xa0x"), 2u);
  EXPECT_EQ(LeadingSpace("\xe3\x80\x80"), 3u);
  EXPECT_EQ(LeadingSpace("\xe2\x80\x8b"), 0u);  // zero-width space is none
  EXPECT_EQ(LeadingSpace("a "), 0u);
  EXPECT_EQ(LeadingSpace(""), 0u);
}

TEST(Whitespace, IsStrippedFromBothEnds) {
  EXPECT_EQ(Strip("\xe3\x80\x80\t a b\x1f\xc2\x85\r\n"), "a b");
  EXPECT_EQ(Strip(" \n "), "");
  EXPECT_EQ(Strip(""), "");
}

}  // namespace
}  // namespace darkroom::infotext
