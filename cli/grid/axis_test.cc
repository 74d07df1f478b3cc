#include "cli/grid/axis.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace darkroom::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> Values(absl::string_view text) {
  const absl::StatusOr<Axis> axis = ParseAxis(text);
  return axis.ok() ? axis->values : std::vector<std::string>{std::string(axis.status().message())};
}

TEST(AxisTest, ReadsAListOfValues) {
  EXPECT_THAT(Values("steps=5,10, 20"), ElementsAre("5", "10", "20"));
  EXPECT_THAT(Values("sampler=Euler,DPM++ 2M"), ElementsAre("Euler", "DPM++ 2M"));
  EXPECT_THAT(Values("prompt=\"red, ripe\",green,"), ElementsAre("red, ripe", "green", ""));
  EXPECT_THAT(Values("prompt=a=b,c"), ElementsAre("a=b", "c"));
}

TEST(AxisTest, SpreadsRangesOfNumbersOut) {
  EXPECT_THAT(Values("steps=1-3,10-30 [2]"), ElementsAre("1", "2", "3", "10", "30"));
  EXPECT_THAT(Values("guidance=1-2 (+0.5),7"), ElementsAre("1", "1.5", "2", "7"));
  EXPECT_THAT(Values("prompt=1-3"), ElementsAre("1-3")) << "a text is no range";
}

TEST(AxisTest, KnowsFieldsByTheirNamesHereAndThere) {
  for (const char* text : {"variation_strength=0", "variation-strength=0", "Var. strength=0"}) {
    const absl::StatusOr<Axis> axis = ParseAxis(text);
    ASSERT_TRUE(axis.ok()) << axis.status();
    EXPECT_EQ(axis->title(), "Var. strength");
    EXPECT_EQ(axis->Label(0), "Var. strength: 0");
  }
  EXPECT_EQ(ParseAxis("Prompt S/R=a")->title(), "Prompt S/R");
}

TEST(AxisTest, LabelsSamplersAndPromptsWithTheirValuesAlone) {
  EXPECT_EQ(ParseAxis("sampler=Euler")->Label(0), "Euler");
  EXPECT_EQ(ParseAxis("prompt=apple,pear")->Label(1), "pear");
  EXPECT_EQ(ParseAxis("seed=1-4")->Label(3), "Seed: 4");
}

TEST(AxisTest, KeepsWhatWasWritten) { EXPECT_EQ(ParseAxis("steps= 1-3, 5 ")->written, "1-3, 5"); }

TEST(AxisTest, SaysWhatIsWrong) {
  EXPECT_THAT(Values("5,10"), ElementsAre(HasSubstr("write steps=5,10,20")));
  EXPECT_THAT(Values("steps="), ElementsAre("steps has no values; write steps=A,B"));
  EXPECT_THAT(Values("stepz=1"), ElementsAre(HasSubstr("what can: prompt, ")));
  EXPECT_THAT(Values("count=1,2"), ElementsAre(HasSubstr("cannot vary in a grid")));
  EXPECT_THAT(Values("steps=5,many"), ElementsAre("steps: \"many\" is not a whole number"));
  EXPECT_THAT(Values("steps=5,,6"), ElementsAre("steps: \"\" is not a whole number"));
  EXPECT_THAT(Values("emphasis=loud"), ElementsAre(HasSubstr("write original, no-norm")));
  EXPECT_THAT(Values("prompt=,pear"), ElementsAre(HasSubstr("is empty")));
}

}  // namespace
}  // namespace darkroom::cli
