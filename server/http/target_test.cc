#include "server/http/target.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace darkroom::server::http {
namespace {

using ::testing::ElementsAre;

TEST(TargetTest, UnescapesWhatIsEscapedOnce) {
  EXPECT_EQ(Unescape("a%20b%2Fc%252e"), "a b/c%2e");
  EXPECT_EQ(Unescape("plain"), "plain");
  for (const char* wrong : {"%", "%2", "%zz", "a%0", "%00"}) {
    EXPECT_FALSE(Unescape(wrong).has_value()) << wrong;
  }
}

TEST(TargetTest, DotsAndEmptySegmentsStayWhatTheyAre) {
  EXPECT_THAT(Segments("/v1/../etc//passwd"), ElementsAre("v1", "..", "etc", "", "passwd"));
}

TEST(TargetTest, ReadsTheFieldsOfAQuery) {
  const auto query = ParseQuery("a=1&b=two+words&c&d=%3D&&e=x=y");
  ASSERT_TRUE(query.has_value());
  EXPECT_THAT(*query, ElementsAre(Field{"a", "1"}, Field{"b", "two words"}, Field{"c", ""},
                                  Field{"d", "="}, Field{"e", "x=y"}));
  EXPECT_FALSE(ParseQuery("a=%").has_value());
}

TEST(TargetTest, OnlyPathsAreTargets) {
  EXPECT_EQ(ParseTarget("/a?b?c")->query, "b?c");
  EXPECT_EQ(ParseTarget("HTTP://host")->path, "/");
  EXPECT_EQ(ParseTarget("*")->path, "*");
  EXPECT_FALSE(ParseTarget("host:443").has_value());
  EXPECT_FALSE(ParseTarget("ftp://host/a").has_value());
}

}  // namespace
}  // namespace darkroom::server::http
