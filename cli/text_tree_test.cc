#include "cli/text_tree.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace darkroom::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(TextTreeTest, DrawsBranchesToEveryChild) {
  const TextTree tree = {{"root"},
                         {{{"first", "goes on"}, {{{"inner", "goes on"}}}}, {{"last", "goes on"}}}};
  EXPECT_EQ(DrawTree(tree),
            "root\n"
            "├─ first\n"
            "│  │  goes on\n"
            "│  └─ inner\n"
            "│        goes on\n"
            "└─ last\n"
            "      goes on\n");
}

TEST(TextTreeTest, WrapsWordsByCharactersAndNotByBytes) {
  EXPECT_THAT(WrapWords({"ёжик", "в", "тумане"}, "  ", 7), ElementsAre("ёжик  в", "тумане"));
  EXPECT_THAT(WrapWords({"ёжик", "в", "тумане"}, "  ", 6), ElementsAre("ёжик", "в", "тумане"));
  EXPECT_THAT(WrapWords({"overlong", "a"}, "  ", 3), ElementsAre("overlong", "a"));
  EXPECT_THAT(WrapWords({}, "  ", 3), IsEmpty());
}

}  // namespace
}  // namespace darkroom::cli
