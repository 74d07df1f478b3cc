#include "prompt/comments.h"

#include "gtest/gtest.h"

namespace darkroom::prompt {
namespace {

TEST(Comments, GoToTheEndOfTheirLine) {
  EXPECT_EQ(StripComments("a # b\nc"), "a \nc");
  EXPECT_EQ(StripComments("a # b"), "a \n");
  EXPECT_EQ(StripComments("a, b"), "a, b");
  EXPECT_EQ(StripComments(""), "");
}

TEST(Comments, ThatFillALineTakeOneOfItsLineFeeds) {
  EXPECT_EQ(StripComments("a\n# b\nc"), "a\nc");
  EXPECT_EQ(StripComments("# a\nb"), "\nb");
  EXPECT_EQ(StripComments("#a\n#b\n#c\nd"), "\n\nd");
  EXPECT_EQ(StripComments("x\n#a\n#b\ny"), "x\n\ny");
  EXPECT_EQ(StripComments("a\n#"), "a\n");
}

}  // namespace
}  // namespace darkroom::prompt
