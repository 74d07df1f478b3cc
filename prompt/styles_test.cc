#include "prompt/styles.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "prompt/csv.h"

namespace darkroom::prompt {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::size_t kPlenty = 1000;

std::string Styled(const std::string& prompt, const std::vector<Style>& styles) {
  const auto styled = ApplyStyles({prompt, ""}, styles, kPlenty);
  EXPECT_TRUE(styled.ok()) << styled.status();
  return styled.ok() ? styled->prompt : "";
}

TEST(Styles, FollowThePromptBehindACommaOrTakeItIn) {
  EXPECT_EQ(Styled("cat", {{"oil", "oil painting", ""}}), "cat, oil painting");
  EXPECT_EQ(Styled("cat", {{"oil", "oil painting of {prompt}, detailed", ""}}),
            "oil painting of cat, detailed");
  EXPECT_EQ(Styled("cat", {{"twice", "{prompt} and {prompt}", ""}}), "cat and cat");
  EXPECT_EQ(Styled("cat", {{"a", "{prompt} A", ""}, {"b", "B", ""}}), "cat A, B");
}

TEST(Styles, EmptyOnesAndEmptyPromptsNeedNoComma) {
  EXPECT_EQ(Styled("", {{"oil", "oil painting", ""}}), "oil painting");
  EXPECT_EQ(Styled("cat", {{"none", " \n", ""}}), "cat");
  EXPECT_EQ(Styled("", {{"of", "of {prompt}", ""}}), "of ");
}

TEST(Styles, CommentsAndSpaceGoEverywhere) {
  EXPECT_EQ(Styled(" cat # not a dog\n", {}), "cat");
  EXPECT_EQ(Styled("cat", {{"oil", "# mine\n oil # {prompt}", ""}}), "cat, oil");
}

TEST(Styles, ThePromptIsNotSearchedForPlaces) {
  EXPECT_EQ(Styled("{prompt}", {{"of", "of {prompt}", ""}}), "of {prompt}");
}

TEST(Styles, HaveANegativePromptToo) {
  const std::vector<Style> styles = {{"oil", "oil", "photo"}};
  const auto styled = ApplyStyles({"cat", "dog"}, styles, kPlenty);
  ASSERT_TRUE(styled.ok()) << styled.status();
  EXPECT_EQ(*styled, (PromptPair{"cat, oil", "dog, photo"}));
}

TEST(Styles, ThatMultiplyThePromptMeetTheLimit) {
  const std::vector<Style> styles(64, {"twice", "{prompt}{prompt}", ""});
  const auto styled = ApplyStyles({"cat", ""}, styles, kPlenty);
  EXPECT_EQ(styled.status().code(), absl::StatusCode::kOutOfRange);
  EXPECT_THAT(std::string(styled.status().message()), HasSubstr("'twice'"));
}

TEST(ReadStyles, QuotedFieldsHoldCommasQuotesAndLineFeeds) {
  const auto styles = ReadStyles(
      "\xEF\xBB\xBFname,prompt,negative_prompt\r\n"
      "oil,\"oil, \"\"thick\"\"\nby {prompt}\",photo\r\n"
      "\r\n"
      "plain, text ,\r\n");
  ASSERT_TRUE(styles.ok()) << styles.status();
  EXPECT_THAT(*styles, ElementsAre(Style{"oil", "oil, \"thick\"\nby {prompt}", "photo"},
                                   Style{"plain", "text ", ""}));
}

TEST(ReadStyles, MissingColumnsAndFieldsAreEmpty) {
  const auto styles = ReadStyles("text,name\nx,y\n");
  ASSERT_TRUE(styles.ok()) << styles.status();
  EXPECT_THAT(*styles, ElementsAre(Style{"y", "x", ""}));
  EXPECT_THAT(*ReadStyles("name,prompt\na"), ElementsAre(Style{"a", "", ""}));
  EXPECT_THAT(*ReadStyles(""), IsEmpty());
}

TEST(ReadStyles, OfEqualNamesTheLastCountsAndHashesAreComments) {
  const auto styles = ReadStyles("name,prompt\na,1\n#b,2\nc,3\na,4\n");
  ASSERT_TRUE(styles.ok()) << styles.status();
  EXPECT_THAT(*styles, ElementsAre(Style{"a", "4", ""}, Style{"c", "3", ""}));
}

TEST(ReadStyles, AFileOfSomethingElseIsRefused) {
  EXPECT_EQ(ReadStyles("name;prompt\na;b\n").status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(Csv, QuotesCountOnlyAtTheBeginningOfAField) {
  EXPECT_THAT(ReadCsv("a\"b,\"c\"d\"\n\"e"),
              ElementsAre(ElementsAre("a\"b", "cd\""), ElementsAre("e")));
  EXPECT_THAT(ReadCsv("a,\n,\n \r\r\n"),
              ElementsAre(ElementsAre("a", ""), ElementsAre("", ""), ElementsAre("")));
}

}  // namespace
}  // namespace darkroom::prompt
