#include "server/admission/learnt_costs.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "server/testing/demo_model.h"

namespace darkroom::server {
namespace {

using darkroom::v1::Model;

void AddStep(Model& model, int width, int height, int rows, double milliseconds) {
  darkroom::v1::MeasuredCost& cost = *model.add_step_costs();
  cost.set_width(width);
  cost.set_height(height);
  cost.set_rows(rows);
  cost.set_milliseconds(milliseconds);
}

Model MeasuredModel() {
  Model model = DemoModel();
  AddStep(model, 128, 128, 2, 10);
  AddStep(model, 128, 128, 8, 28);
  AddStep(model, 256, 256, 2, 46);
  return model;
}

TEST(LearntCostsTest, WhatWasMeasuredIsTakenAsItIs) {
  EXPECT_EQ(CostOfStep(MeasuredModel(), 128, 128, 2), absl::Milliseconds(10));
  EXPECT_EQ(CostOfStep(MeasuredModel(), 256, 256, 2), absl::Milliseconds(46));
}

TEST(LearntCostsTest, BetweenMeasuredRowsLiesALineAndBeyondThemProportion) {
  EXPECT_EQ(CostOfStep(MeasuredModel(), 128, 128, 4), absl::Milliseconds(16));
  EXPECT_EQ(CostOfStep(MeasuredModel(), 128, 128, 16), absl::Milliseconds(56));
  EXPECT_EQ(CostOfStep(MeasuredModel(), 128, 128, 1), absl::Milliseconds(5));
}

TEST(LearntCostsTest, AShapeThatWasNotMetIsPlacedByItsPixels) {
  EXPECT_EQ(CostOfStep(MeasuredModel(), 256, 128, 2), absl::Milliseconds(10 + 36 / 3));
  EXPECT_EQ(CostOfStep(MeasuredModel(), 512, 256, 2), absl::Milliseconds(92));
  EXPECT_EQ(CostOfStep(MeasuredModel(), 64, 64, 2), absl::Milliseconds(2.5));
}

TEST(LearntCostsTest, OfAModelThatWasNotMeasuredNothingIsKnown) {
  EXPECT_EQ(CostOfStep(DemoModel(), 128, 128, 2), std::nullopt);
  EXPECT_EQ(CostOfDecode(MeasuredModel(), 128, 128), std::nullopt);
}

TEST(LearntCostsTest, NonsenseOfAWorkerIsPassedOver) {
  Model model = DemoModel();
  AddStep(model, 0, 128, 2, 10);
  AddStep(model, 128, 128, -1, 10);
  AddStep(model, 128, 128, 2, std::nan(""));
  AddStep(model, 128, 128, 4, 0);
  AddStep(model, 128, 128, 8, 1e300);
  EXPECT_EQ(CostOfStep(model, 128, 128, 2), std::nullopt);
}

darkroom::internal::v1::ModelCosts Report(
    const std::string& model, const std::vector<std::pair<int, double>>& milliseconds_by_width) {
  darkroom::internal::v1::ModelCosts costs;
  costs.set_model(model);
  for (const auto& [width, milliseconds] : milliseconds_by_width) {
    for (auto* measured : {costs.add_step_costs(), costs.add_decode_costs()}) {
      measured->set_width(width);
      measured->set_height(128);
      measured->set_rows(2);
      measured->set_milliseconds(milliseconds);
    }
  }
  return costs;
}

TEST(LearntCostsTest, OfWorkersThatMeasuredTheSameTheMeanCounts) {
  LearntCosts costs;
  costs.Learn({Report("demo", {{128, 10}}), Report("demo", {{128, 20}, {256, 30}}),
               Report("other", {{128, 99}})});
  Model model = DemoModel();
  costs.Fill("demo", model);
  EXPECT_EQ(CostOfStep(model, 128, 128, 2), absl::Milliseconds(15));
  EXPECT_EQ(CostOfStep(model, 256, 128, 2), absl::Milliseconds(30));
  EXPECT_EQ(model.decode_costs_size(), 2);
  EXPECT_EQ(model.step_milliseconds(), 10) << "its own";
}

TEST(LearntCostsTest, WhatAWorkerHasMeasuredStaysWhenItEndsUntilAnotherKnowsBetter) {
  LearntCosts costs;
  costs.Learn({Report("demo", {{128, 10}, {256, 30}})});
  costs.Learn({});
  costs.Learn({Report("demo", {{128, 12}})});
  Model model = DemoModel();
  model.set_step_milliseconds(0);
  costs.Fill("demo", model);
  EXPECT_EQ(CostOfStep(model, 128, 128, 2), absl::Milliseconds(12));
  EXPECT_EQ(CostOfStep(model, 256, 128, 2), absl::Milliseconds(30));
  EXPECT_EQ(model.step_milliseconds(), 12) << "of its default size";
}

TEST(LearntCostsTest, OfAModelThatNobodyReportsNothingIsFilledIn) {
  Model model = DemoModel();
  LearntCosts().Fill("demo", model);
  EXPECT_EQ(model.step_costs_size(), 0);
}

TEST(LearntCostsTest, NoMoreIsRememberedThanThereIsRoomFor) {
  LearntCosts costs;
  for (int first : {0, 200}) {
    std::vector<std::pair<int, double>> widths;
    for (int i = 1; i <= 200; ++i) widths.emplace_back(8 * (first + i), 10);
    costs.Learn({Report("demo", widths)});
  }
  Model model = DemoModel();
  costs.Fill("demo", model);
  EXPECT_EQ(static_cast<std::size_t>(model.step_costs_size()), LearntCosts::kMostCosts);
  EXPECT_EQ(CostOfStep(model, 8 * 400, 128, 2), absl::Milliseconds(10)) << "the newest are kept";
}

}  // namespace
}  // namespace darkroom::server
