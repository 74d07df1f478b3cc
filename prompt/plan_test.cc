#include "prompt/plan.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace darkroom::prompt {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

TEST(Plan, NetworksGoBeforeAnythingIsSplit) {
  const PromptPlan plan = PlanPrompt("a [b:<lora:x:1>c:2] AND d:0.5<lora:y>", {.steps = 4});
  ASSERT_THAT(plan.parts, SizeIs(2));
  EXPECT_EQ(plan.parts[0].weight, 1);
  EXPECT_THAT(plan.parts[0].schedule.entries,
              ElementsAre(ScheduleEntry{2, "a b"}, ScheduleEntry{4, "a c"}));
  EXPECT_EQ(plan.parts[1].weight, 0.5);
  EXPECT_THAT(plan.parts[1].schedule.entries, ElementsAre(ScheduleEntry{4, " d"}));
  EXPECT_THAT(plan.networks, SizeIs(2));
}

TEST(Plan, AnAndInsideBracketsSplitsThem) {
  const PromptPlan plan = PlanPrompt("[a AND b:2]", {.steps = 4});
  ASSERT_THAT(plan.parts, SizeIs(2));
  EXPECT_THAT(plan.parts[0].schedule.entries, ElementsAre(ScheduleEntry{4, "[a"}));
  EXPECT_THAT(plan.parts[1].schedule.entries, ElementsAre(ScheduleEntry{4, " b:2]"}));
}

TEST(Plan, ANegativePromptOnlyHasASchedule) {
  const PromptPlan plan = PlanNegativePrompt("[a:b:1] AND c:2 <lora:x> ", {.steps = 2});
  ASSERT_THAT(plan.parts, SizeIs(1));
  EXPECT_EQ(plan.parts[0].weight, 1);
  EXPECT_THAT(plan.parts[0].schedule.entries, ElementsAre(ScheduleEntry{1, "a AND c:2 <lora:x> "},
                                                          ScheduleEntry{2, "b AND c:2 <lora:x> "}));
  EXPECT_THAT(plan.networks, IsEmpty());
}

}  // namespace
}  // namespace darkroom::prompt
