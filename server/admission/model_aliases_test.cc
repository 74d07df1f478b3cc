#include "server/admission/model_aliases.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace darkroom::server {
namespace {

using ::testing::HasSubstr;

std::string Complaint(const std::string& entry) {
  return std::string(ModelAliases::Parse({"good=demo", entry}).status().message());
}

TEST(ModelAliasesTest, TheFirstEntryForANameCounts) {
  const auto aliases =
      ModelAliases::Parse({"gpt-image-1=sdxl", "gpt-image-*", "dall-e-3 = demo", "dall-e-*=sdxl"});
  ASSERT_TRUE(aliases.ok()) << aliases.status();
  EXPECT_EQ(aliases->Resolve("gpt-image-1"), "sdxl");
  EXPECT_EQ(aliases->Resolve("gpt-image-2"), "");
  EXPECT_EQ(aliases->Resolve("dall-e-3"), "demo");
  EXPECT_EQ(aliases->Resolve("dall-e-2"), "sdxl");
  EXPECT_EQ(aliases->Resolve("demo"), "demo");
  EXPECT_EQ(aliases->Resolve(""), "");
  EXPECT_EQ(ModelAliases::Parse({"*=demo"})->Resolve("whatever"), "demo");
}

TEST(ModelAliasesTest, AWrongEntryIsNamed) {
  EXPECT_THAT(Complaint(""), HasSubstr("\"\" is not a name"));
  EXPECT_THAT(Complaint("=demo"), HasSubstr("\"=demo\" is not a name"));
  EXPECT_THAT(Complaint("a*b=demo"), HasSubstr("\"a*b=demo\""));
  EXPECT_THAT(Complaint("a=../demo"), HasSubstr("\"../demo\" of \"a=../demo\""));
}

}  // namespace
}  // namespace darkroom::server
