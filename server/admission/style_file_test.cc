#include "server/admission/style_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace darkroom::server {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(StyleFileTest, StylesOfAWebuiAreRead) {
  const auto styles =
      ParseStyleFile("name,prompt,negative_prompt\noil,\"oil, {prompt}\",photo\n,,\n");
  ASSERT_TRUE(styles.ok()) << styles.status();
  EXPECT_THAT(*styles, ElementsAre(prompt::Style{"oil", "oil, {prompt}", "photo"}));
}

TEST(StyleFileTest, FilesThatCannotBeUsedAreRefusedWithAReason) {
  EXPECT_THAT(ParseStyleFile("name,prompt\ncaf\xe9,x\n").status().message(),
              HasSubstr("is not UTF-8"));
  EXPECT_THAT(ParseStyleFile("a;b\n").status().message(), HasSubstr("header"));
  EXPECT_THAT(ParseStyleFile("name,prompt\nlong," + std::string(4097, 'x')).status().message(),
              AllOf(HasSubstr("\"long\""), HasSubstr("4096")));
}

TEST(StyleFileTest, NoFileMeansNoStylesButAMissingOneIsAnError) {
  EXPECT_THAT(*ReadStyleFile(""), IsEmpty());
  EXPECT_THAT(ReadStyleFile("/nowhere/styles.csv").status().message(),
              HasSubstr("/nowhere/styles.csv"));
}

}  // namespace
}  // namespace darkroom::server
