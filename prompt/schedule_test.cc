#include "prompt/schedule.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace darkroom::prompt {
namespace {

using testing::ElementsAre;

std::vector<ScheduleEntry> InTenSteps(absl::string_view text) {
  return MakeSchedule(text, {.steps = 10}).entries;
}

std::vector<ScheduleEntry> InHiresPass(absl::string_view text) {
  return MakeSchedule(text, {.steps = 10, .first_pass_steps = 10}).entries;
}

ScheduleEntry Until(int end_step, absl::string_view text) { return {end_step, std::string(text)}; }

TEST(Schedule, TextWithoutEditsIsOneEntry) {
  EXPECT_THAT(InTenSteps("test"), ElementsAre(Until(10, "test")));
  EXPECT_THAT(InTenSteps(""), ElementsAre(Until(10, "")));
}

TEST(Schedule, ASwitchAddsRemovesOrReplaces) {
  EXPECT_THAT(InTenSteps("a [b:3]"), ElementsAre(Until(3, "a "), Until(10, "a b")));
  EXPECT_THAT(InTenSteps("a [b: 3]"), ElementsAre(Until(3, "a "), Until(10, "a b")));
  EXPECT_THAT(InTenSteps("a [b::3]"), ElementsAre(Until(3, "a b"), Until(10, "a ")));
  EXPECT_THAT(InTenSteps("a [b : c : 1] d"), ElementsAre(Until(1, "a b  d"), Until(10, "a  c  d")));
}

TEST(Schedule, BracketsInsideAnEditStay) {
  EXPECT_THAT(InTenSteps("a [[[b]]:2]"), ElementsAre(Until(2, "a "), Until(10, "a [[b]]")));
  EXPECT_THAT(InTenSteps("[(a:2):3]"), ElementsAre(Until(3, ""), Until(10, "(a:2)")));
}

TEST(Schedule, EditsNest) {
  EXPECT_THAT(InTenSteps("a[b:[c:d:2]:1]e"),
              ElementsAre(Until(1, "abe"), Until(2, "ace"), Until(10, "ade")));
  // The inner one's step ends an entry also where it is not read.
  EXPECT_THAT(InTenSteps("[[a:b:2]:c:1]"),
              ElementsAre(Until(1, "a"), Until(2, "c"), Until(10, "c")));
}

TEST(Schedule, FractionsAreOfTheSteps) {
  EXPECT_THAT(InTenSteps("a [b:.5] c"), ElementsAre(Until(5, "a  c"), Until(10, "a b c")));
  EXPECT_THAT(MakeSchedule("[a:b:0.29]", {.steps = 100}).entries,
              ElementsAre(Until(28, "a"), Until(100, "b")));  // 0.29 * 100 is below 29
}

TEST(Schedule, ASwitchAtTheEndOrBeforeTheStartIsOneText) {
  EXPECT_THAT(InTenSteps("[a:b:1.0]"), ElementsAre(Until(10, "a")));
  EXPECT_THAT(InTenSteps("[a:b:99]"), ElementsAre(Until(10, "a")));
  EXPECT_THAT(InTenSteps("[a:b:1e300]"), ElementsAre(Until(10, "a")));
  EXPECT_THAT(InTenSteps("[a:b:0]"), ElementsAre(Until(10, "b")));
  EXPECT_THAT(InTenSteps("[a:b:-3]"), ElementsAre(Until(10, "b")));
  EXPECT_THAT(InTenSteps("[a:b:0.05]"), ElementsAre(Until(10, "b")));
}

TEST(Schedule, ARotationHasAnEntryAStep) {
  EXPECT_THAT(InTenSteps("[a|(b:1.1)]"),
              ElementsAre(Until(1, "a"), Until(2, "(b:1.1)"), Until(3, "a"), Until(4, "(b:1.1)"),
                          Until(5, "a"), Until(6, "(b:1.1)"), Until(7, "a"), Until(8, "(b:1.1)"),
                          Until(9, "a"), Until(10, "(b:1.1)")));
  EXPECT_THAT(MakeSchedule("[fe|]male", {.steps = 3}).entries,
              ElementsAre(Until(1, "female"), Until(2, "male"), Until(3, "female")));
  EXPECT_THAT(MakeSchedule("[fe|||]male", {.steps = 5}).entries,
              ElementsAre(Until(1, "female"), Until(2, "male"), Until(3, "male"), Until(4, "male"),
                          Until(5, "female")));
}

TEST(Schedule, UnbalancedBracketsAreText) {
  EXPECT_THAT(InTenSteps("a [unbalanced"), ElementsAre(Until(10, "a [unbalanced")));
  EXPECT_THAT(InTenSteps("((a][:b:c [d:3]"),
              ElementsAre(Until(3, "((a][:b:c "), Until(10, "((a][:b:c d")));
}

TEST(Schedule, AGrammarFailureMakesAllOfItLiteral) {
  const Schedule schedule = MakeSchedule("a [b:3] | c", {.steps = 10});
  EXPECT_TRUE(schedule.is_literal);
  EXPECT_THAT(schedule.entries, ElementsAre(Until(10, "a [b:3] | c")));
  // The reference's own test expects a switch here, and its grammar fails on the bar.
  EXPECT_THAT(InTenSteps("a [{b|d{:.5] c"), ElementsAre(Until(10, "a [{b|d{:.5] c")));
}

TEST(Schedule, AHiresPassCountsOn) {
  EXPECT_THAT(InHiresPass("a [b:.5] c"), ElementsAre(Until(10, "a b c")));
  EXPECT_THAT(InHiresPass("a [b:1.5] c"), ElementsAre(Until(5, "a  c"), Until(10, "a b c")));
  EXPECT_THAT(InHiresPass("a [b:3] c"), ElementsAre(Until(10, "a b c")));
  EXPECT_THAT(InHiresPass("a [b:13] c"), ElementsAre(Until(3, "a  c"), Until(10, "a b c")));
  EXPECT_THAT(MakeSchedule("[a|b]", {.steps = 2, .first_pass_steps = 7}).entries,
              ElementsAre(Until(1, "a"), Until(2, "b")));
}

TEST(Schedule, TheFirstEntryLastsOneCallMore) {
  const Schedule schedule = MakeSchedule("[a:b:3]", {.steps = 5});
  std::string read;
  for (int call = 0; call < 5; ++call) {
    read += schedule.entries[ActiveEntry(schedule, call)].text;
  }
  EXPECT_EQ(read, "aaaab");
  const Schedule rotation = MakeSchedule("[a|b]", {.steps = 5});
  read.clear();
  for (int call = 0; call < 5; ++call) {
    read += rotation.entries[ActiveEntry(rotation, call)].text;
  }
  EXPECT_EQ(read, "aabab");
}

TEST(Schedule, CallsPastTheEndReadTheFirstEntry) {
  const Schedule schedule = MakeSchedule("[a:b:3]", {.steps = 5});
  EXPECT_EQ(ActiveEntry(schedule, 5), 1u);
  EXPECT_EQ(ActiveEntry(schedule, 6), 0u);
}

TEST(Schedule, CallsOfTheEntriesCoverThePass) {
  for (const char* text : {"a", "[a:b:3]", "[a:b:4]", "[a|b|c]", "[a:b:.2][c:.6]"}) {
    const Schedule schedule = MakeSchedule(text, {.steps = 5});
    for (std::size_t i = 0; i < schedule.entries.size(); ++i) {
      const CallRange calls = CallsOfEntry(schedule, i, 5);
      EXPECT_LE(calls.from, calls.until);
      for (int call = 0; call < 5; ++call) {
        EXPECT_EQ(ActiveEntry(schedule, call) == i, calls.from <= call && call < calls.until)
            << text << " entry " << i << " call " << call;
      }
    }
  }
  const CallRange never = CallsOfEntry(MakeSchedule("[a:b:4]", {.steps = 5}), 1, 5);
  EXPECT_EQ(never.from, never.until);
}

TEST(Schedule, HostileNestingIsNoProblem) {
  std::string nested = "a";
  for (int i = 0; i < 1000; ++i) nested = absl::StrCat("[", nested, "|]");
  const Schedule schedule = MakeSchedule(nested, {.steps = 300});
  EXPECT_EQ(schedule.entries.size(), 300u);
  EXPECT_EQ(schedule.entries[0].text, "a");
  EXPECT_EQ(schedule.entries[1].text, "");
}

}  // namespace
}  // namespace darkroom::prompt
