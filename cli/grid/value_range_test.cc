#include "cli/grid/value_range.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace darkroom::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

std::vector<std::string> Expand(absl::string_view text, bool whole_numbers) {
  const auto range = ExpandRange(text, whole_numbers);
  if (!range.ok()) return {std::string(range.status().message())};
  return range->value_or(std::vector<std::string>{"no range"});
}

TEST(ValueRangeTest, CountsUpByOne) {
  EXPECT_THAT(Expand("1-5", true), ElementsAre("1", "2", "3", "4", "5"));
  EXPECT_THAT(Expand(" 1 - 3 ", true), ElementsAre("1", "2", "3"));
  EXPECT_THAT(Expand("-2-0", true), ElementsAre("-2", "-1", "0"));
  EXPECT_THAT(Expand("7-7", true), ElementsAre("7"));
}

TEST(ValueRangeTest, TakesSteps) {
  EXPECT_THAT(Expand("1-10 (+3)", true), ElementsAre("1", "4", "7", "10"));
  EXPECT_THAT(Expand("1-9 (+3)", true), ElementsAre("1", "4", "7"));
  EXPECT_THAT(Expand("10-1 (-3)", true), ElementsAre("10", "7", "4", "1"));
  EXPECT_THAT(Expand("1-2.5 (+0.5)", false), ElementsAre("1", "1.5", "2", "2.5"));
  EXPECT_THAT(Expand("0-0.3(+0.1)", false), ElementsAre("0", "0.1", "0.2", "0.3"))
      << "in sums of a tenth the end is missed by a rounding";
}

TEST(ValueRangeTest, SpreadsACountEvenly) {
  EXPECT_THAT(Expand("1-10 [4]", true), ElementsAre("1", "4", "7", "10"));
  EXPECT_THAT(Expand("1-10 [5]", true), ElementsAre("1", "3", "5", "7", "10"));
  EXPECT_THAT(Expand("0-1 [3]", false), ElementsAre("0", "0.5", "1"));
  EXPECT_THAT(Expand("0-1 [4]", false), ElementsAre("0", "0.33333333", "0.66666667", "1"));
  EXPECT_THAT(Expand("3-9 [1]", true), ElementsAre("3"));
}

TEST(ValueRangeTest, LeavesOtherValuesAlone) {
  for (const char* text : {"", "5", "-5", "1-", "-", "a-b", "1-5x", "1-5 (+)", "1-5 (+1", "1-5 [2)",
                           "1.5-2", "1-5 (+1) [2]", "1--"}) {
    EXPECT_THAT(Expand(text, true), ElementsAre("no range")) << text;
  }
}

TEST(ValueRangeTest, RefusesRangesWithoutValuesOrWithTooMany) {
  EXPECT_THAT(Expand("5-1", true), ElementsAre("the range \"5-1\" has no values"));
  EXPECT_THAT(Expand("1-5 (0)", true), ElementsAre("the range \"1-5 (0)\" has no values"));
  EXPECT_THAT(Expand("1-5 [0]", true), ElementsAre("the range \"1-5 [0]\" has no values"));
  EXPECT_THAT(Expand("1-256", true), SizeIs(256));
  EXPECT_THAT(Expand("1-257", true), ElementsAre(HasSubstr("more than 256 values")));
  EXPECT_THAT(Expand("1-99999999999999999999999999", true),
              ElementsAre(HasSubstr("more than 256 values")));
}

}  // namespace
}  // namespace darkroom::cli
