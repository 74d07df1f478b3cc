#include "cli/grid/text_fit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/utf8.h"

namespace darkroom::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Letters that are half as wide as they are high.
int Width(absl::string_view text, int letters) {
  return static_cast<int>(ToCodePoints(text).size()) * letters / 2;
}

TEST(TextFitTest, LeavesAShortTextOnOneLine) {
  const FittedText fitted = FitText("Steps: 20", {100, 100, 20, 10}, Width);
  EXPECT_THAT(fitted.lines, ElementsAre("Steps: 20"));
  EXPECT_EQ(fitted.letters, 20);
  EXPECT_EQ(fitted.width, 90);
  EXPECT_EQ(fitted.height, LineHeight(20));
}

TEST(TextFitTest, WrapsBetweenWords) {
  EXPECT_THAT(FitText("a red apple on a table", {120, 100, 20, 10}, Width).lines,
              ElementsAre("a red apple", "on a table"));
  EXPECT_THAT(FitText("two\nlines", {120, 100, 20, 10}, Width).lines, ElementsAre("two lines"));
}

TEST(TextFitTest, ShrinksWhatDoesNotFitInSize) {
  const FittedText narrow = FitText("unbreakable", {60, 100, 20, 5}, Width);
  EXPECT_THAT(narrow.lines, ElementsAre("unbreakable"));
  EXPECT_LT(narrow.letters, 20);
  EXPECT_LE(narrow.width, 60);
  const FittedText low = FitText("one two three", {50, 30, 20, 5}, Width);
  EXPECT_LE(low.height, 30);
}

TEST(TextFitTest, BreaksWordsWhenNothingElseHelps) {
  EXPECT_THAT(FitText("абвгдежз", {20, 100, 12, 10}, Width).lines, ElementsAre("абвг", "дежз"));
}

TEST(TextFitTest, CutsWhatIsStillTooMuch) {
  const FittedText fitted = FitText("one two three four five six", {30, 30, 12, 10}, Width);
  EXPECT_THAT(fitted.lines, ElementsAre("one", "two…"));
  EXPECT_LE(fitted.height, 30);
  EXPECT_THAT(FitText("abcdefghijklmn", {30, 13, 10, 10}, Width).lines, ElementsAre("abcde…"));
}

TEST(TextFitTest, HasNoLinesWithoutCharacters) {
  EXPECT_THAT(FitText("", {100, 100, 20, 10}, Width).lines, IsEmpty());
  EXPECT_EQ(FitText(" \n", {100, 100, 20, 10}, Width).height, 0);
}

TEST(TextFitTest, EndsInAnyRoom) {
  EXPECT_THAT(FitText("ab cd", {0, 0, 10, 10}, Width).lines, ElementsAre("a…"));
}

}  // namespace
}  // namespace darkroom::cli
