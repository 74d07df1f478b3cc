#include "server/admission/name_choice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace darkroom::server {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::vector<std::string> kSamplers = {"Euler", "Euler a", "DPM++ 2M", "DDIM"};

TEST(NameChoiceTest, NearNamesAreProposed) {
  for (const auto& [asked, meant] :
       std::vector<std::pair<std::string, std::string>>{{"euler", "Euler"},
                                                        {"EULER_A", "Euler a"},
                                                        {"dpm++ 2m", "DPM++ 2M"},
                                                        {"DPM2M", "DPM++ 2M"},
                                                        {"ddmi", "DDIM"}}) {
    EXPECT_THAT(DescribeUnknownName("sampler", asked, kSamplers),
                HasSubstr("did you mean \"" + meant + "\"?"))
        << asked;
  }
}

TEST(NameChoiceTest, FarNamesAreNotGuessed) {
  for (const char* asked : {"Restart", "x", "ab"}) {
    EXPECT_THAT(DescribeUnknownName("sampler", asked, kSamplers), Not(HasSubstr("did you mean")))
        << asked;
  }
}

TEST(NameChoiceTest, LongListsAreCutShort) {
  const std::vector<std::string> many(40, "m");
  EXPECT_THAT(DescribeUnknownName("model", "other", many), HasSubstr("and 10 more"));
  EXPECT_THAT(DescribeUnknownName("model", "other", {}), HasSubstr("known: none"));
}

TEST(NameChoiceTest, QuotedTextIsPrintableAndShort) {
  EXPECT_EQ(Quoted("plain"), "\"plain\"");
  EXPECT_EQ(Quoted("a\n\x01"), "\"a\\n\\x01\"");
  EXPECT_LT(Quoted(std::string(1000, '\x01')).size(), 200u);
}

}  // namespace
}  // namespace darkroom::server
