#include "worker/engine/cost_table.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace darkroom::worker {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Cost = CostTable::Cost;
using Shape = CostTable::Shape;

constexpr Shape kSquare = {.width = 64, .height = 64};

TEST(CostTableTest, IsOfTheShapeAndTheRowsThatWereMeasured) {
  CostTable table;
  for (int i = 0; i < 3; ++i) {
    table.Record(kSquare, 2, absl::Milliseconds(10));
    table.Record(kSquare, 8, absl::Milliseconds(25));
    table.Record({.width = 128, .height = 64}, 2, absl::Milliseconds(19));
  }
  EXPECT_THAT(table.Costs(), ElementsAre(Cost{kSquare, 2, absl::Milliseconds(10)},
                                         Cost{kSquare, 8, absl::Milliseconds(25)},
                                         Cost{{128, 64}, 2, absl::Milliseconds(19)}));
}

TEST(CostTableTest, OneOrTwoMeasurementsSayNothing) {
  CostTable table;
  table.Record(kSquare, 2, absl::Seconds(9));
  table.Record(kSquare, 2, absl::Milliseconds(10));
  EXPECT_THAT(table.Costs(), IsEmpty());
  table.Record(kSquare, 2, absl::Milliseconds(11));
  EXPECT_EQ(table.Costs().at(0).time, absl::Milliseconds(11)) << "the first has compiled kernels";
}

TEST(CostTableTest, WhatDisturbsFewCallsIsNotSeenAndAChangeOfPaceIs) {
  CostTable table;
  for (int i = 0; i < 9; ++i) table.Record(kSquare, 2, absl::Milliseconds(10));
  for (int i = 0; i < 4; ++i) table.Record(kSquare, 2, absl::Seconds(1));
  EXPECT_EQ(table.Costs().at(0).time, absl::Milliseconds(10));
  for (int i = 0; i < 5; ++i) table.Record(kSquare, 2, absl::Milliseconds(20));
  EXPECT_EQ(table.Costs().at(0).time, absl::Milliseconds(20));
}

TEST(CostTableTest, TheShapeMeasuredLongestAgoIsForgotten) {
  CostTable table;
  const auto measure = [&table](int width) {
    for (int i = 0; i < 3; ++i) table.Record({.width = width, .height = 8}, 2, absl::Seconds(1));
  };
  for (int i = 1; i <= 32; ++i) measure(8 * i);
  measure(8);
  measure(8 * 33);
  const std::vector<Cost> costs = table.Costs();
  EXPECT_EQ(costs.size(), CostTable::kMostShapes);
  EXPECT_EQ(costs.at(0).shape.width, 8);
  EXPECT_EQ(costs.at(1).shape.width, 24) << "16 was the oldest";
}

TEST(CostTableTest, OfAShapeTheRowsMeasuredLongestAgoAreForgotten) {
  CostTable table;
  for (int rows = 1; rows <= 9; ++rows) {
    for (int i = 0; i < 3; ++i) table.Record(kSquare, rows, absl::Seconds(1));
  }
  const std::vector<Cost> costs = table.Costs();
  EXPECT_EQ(costs.size(), CostTable::kMostRowCounts);
  EXPECT_EQ(costs.front().rows, 2);
}

}  // namespace
}  // namespace darkroom::worker
