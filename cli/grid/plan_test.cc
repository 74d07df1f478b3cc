#include "cli/grid/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace darkroom::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class GridPlanTest : public ::testing::Test {
 protected:
  GridPlanTest() { base_.set_prompt("a red apple"); }

  absl::StatusOr<GridPlan> Plan(const std::vector<std::string>& axes) {
    GridAxes parsed;
    for (std::size_t i = 0; i < axes.size(); ++i) {
      if (!axes[i].empty()) parsed[i] = ParseAxis(axes[i]).value();
    }
    return PlanGrid(base_, parsed, [this] { return next_seed_++; });
  }
  std::string Error(const std::vector<std::string>& axes) {
    return std::string(Plan(axes).status().message());
  }

  darkroom::v1::ImageParameters base_;
  std::int64_t next_seed_ = 1000;
};

TEST_F(GridPlanTest, MakesACellForEveryCombination) {
  const auto plan = Plan({"steps=5,10,20", "sampler=Euler,DDIM", "guidance=3,7"});
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_THAT(plan->size, ElementsAre(3u, 2u, 2u));
  ASSERT_EQ(plan->cells.size(), 12u);
  const auto& cell = plan->cells[(1 * 2 + 0) * 3 + 2];
  EXPECT_EQ(cell.steps(), 20);
  EXPECT_EQ(cell.sampler(), "Euler");
  EXPECT_EQ(cell.guidance_scale(), 7);
  EXPECT_EQ(cell.image_count(), 1);
  EXPECT_THAT(plan->PlaceOf(8), ElementsAre(2u, 0u, 1u));
  EXPECT_EQ(plan->CellName(8), "Steps: 20, Euler, CFG Scale: 7");
}

TEST_F(GridPlanTest, TakesOneAxisAnywhere) {
  const auto plan = Plan({"", "", "steps=5,10"});
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_THAT(plan->size, ElementsAre(1u, 1u, 2u));
  EXPECT_EQ(plan->CellName(1), "Steps: 10");
}

TEST_F(GridPlanTest, GivesAllCellsOneSeed) {
  const auto drawn = Plan({"steps=5,10"});
  EXPECT_EQ(drawn->cells[0].seed(), 1000);
  EXPECT_EQ(drawn->cells[1].seed(), 1000);
  base_.set_seed(7);
  EXPECT_EQ(Plan({"steps=5,10"})->cells[1].seed(), 7);
  base_.set_seed(-1);
  EXPECT_EQ(Plan({"steps=5,10"})->cells[1].seed(), 1001);
}

TEST_F(GridPlanTest, DrawsASeedForEachMinusOneOfAnAxis) {
  const auto plan = Plan({"seed=5,-1,-1"});
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->cells[0].seed(), 5);
  EXPECT_EQ(plan->cells[1].seed(), 1000);
  EXPECT_EQ(plan->cells[2].seed(), 1001);
  EXPECT_EQ(plan->axes[0]->Label(1), "Seed: 1000");
}

TEST_F(GridPlanTest, GivesAllCellsOneVariationSeed) {
  const auto plan = Plan({"variation_strength=0,0.5"});
  EXPECT_GE(plan->cells[0].variation().seed(), 1000);
  EXPECT_EQ(plan->cells[0].variation().seed(), plan->cells[1].variation().seed());
  EXPECT_EQ(plan->cells[1].variation().strength(), 0.5);
  EXPECT_FALSE(Plan({"steps=5"})->cells[0].has_variation()) << "nobody asked for a variation";
}

TEST_F(GridPlanTest, ReplacesInBothPrompts) {
  base_.set_negative_prompt("a green apple");
  const auto plan = Plan({"prompt=apple,pear,", "prompt=red,ripe"});
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->cells[0].prompt(), "a red apple");
  EXPECT_EQ(plan->cells[1].prompt(), "a red pear");
  EXPECT_EQ(plan->cells[1].negative_prompt(), "a green pear");
  EXPECT_EQ(plan->cells[2].prompt(), "a red ");
  EXPECT_EQ(plan->cells[4].prompt(), "a ripe pear");
}

TEST_F(GridPlanTest, SaysWhatIsWrong) {
  EXPECT_THAT(Error({}), HasSubstr("--x steps=5,10,20"));
  EXPECT_EQ(Error({"steps=1", "steps=2"}), "two axes vary steps; give it one");
  EXPECT_EQ(Error({"seed=1-17", "steps=1-16"}), "the grid would have more than 256 cells");
  EXPECT_TRUE(Plan({"seed=1-16", "steps=1-16"}).ok());
  EXPECT_THAT(Error({"prompt=plum,pear"}), HasSubstr("\"plum\" is in neither prompt"));
  EXPECT_THAT(Error({"prompt=apple,pear", "prompt=apple,plum"}), HasSubstr("\"apple\" is in"));
}

}  // namespace
}  // namespace darkroom::cli
