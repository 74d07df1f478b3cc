#include "server/admission/cost_model.h"

#include <gtest/gtest.h>

#include "server/testing/demo_model.h"

namespace darkroom::server {
namespace {

darkroom::v1::ImageParameters Parameters(int width, int height, int steps, int images) {
  darkroom::v1::ImageParameters parameters;
  parameters.set_width(width);
  parameters.set_height(height);
  parameters.set_steps(steps);
  parameters.set_image_count(images);
  parameters.set_guidance_scale(7);
  return parameters;
}

TEST(CostModelTest, CostGrowsWithPixelsStepsAndImages) {
  const darkroom::v1::Model model = DemoModel();  // 10 ms a step of 128 x 128
  EXPECT_EQ(PredictCost(model, Parameters(128, 128, 20, 1)), absl::Milliseconds(200));
  EXPECT_EQ(PredictCost(model, Parameters(256, 128, 20, 1)), absl::Milliseconds(400));
  EXPECT_EQ(PredictCost(model, Parameters(128, 128, 40, 1)), absl::Milliseconds(400));
  EXPECT_EQ(PredictCost(model, Parameters(128, 128, 20, 3)), absl::Milliseconds(600));
}

TEST(CostModelTest, PartsOfAPromptAreRowsOfEveryCall) {
  darkroom::v1::ImageParameters parameters = Parameters(128, 128, 20, 1);
  parameters.set_prompt("a cat AND a dog AND a tree <lora:AND>");
  EXPECT_EQ(PredictCost(DemoModel(), parameters), absl::Milliseconds(400)) << "four rows";
  parameters.set_prompt("a cat");
  parameters.set_guidance_scale(1);
  EXPECT_EQ(PredictCost(DemoModel(), parameters), absl::Milliseconds(100)) << "one row";
}

TEST(CostModelTest, SamplersOfSecondOrderCallTwiceAStep) {
  darkroom::v1::ImageParameters parameters = Parameters(128, 128, 20, 1);
  parameters.set_sampler("Heun");
  EXPECT_EQ(PredictCost(DemoModel(), parameters), absl::Milliseconds(400));
}

TEST(CostModelTest, APictureToBeginWithSavesTheStepsBeforeIt) {
  darkroom::v1::ImageParameters parameters = Parameters(128, 128, 20, 1);
  parameters.mutable_init_image()->set_strength(0.5);
  EXPECT_EQ(PredictCost(DemoModel(), parameters), absl::Milliseconds(110)) << "11 of 20 steps";
  parameters.mutable_init_image()->set_strength(1);
  EXPECT_EQ(PredictCost(DemoModel(), parameters), absl::Milliseconds(200));
  parameters.set_sampler("Heun");
  EXPECT_EQ(PredictCost(DemoModel(), parameters), absl::Milliseconds(400));
}

TEST(CostModelTest, ASecondPassCostsItsOwnStepsAtItsOwnSize) {
  darkroom::v1::ImageParameters parameters = Parameters(128, 128, 20, 1);
  darkroom::v1::HiresFix& hires = *parameters.mutable_hires_fix();
  hires.set_scale(2);
  hires.set_steps(10);
  hires.set_strength(0.5);
  hires.set_sampler("Euler");
  hires.set_guidance_scale(5);
  EXPECT_EQ(PredictCost(DemoModel(), parameters), absl::Milliseconds(200 + 4 * 100));
  hires.set_sampler("Heun");
  EXPECT_EQ(PredictCost(DemoModel(), parameters), absl::Milliseconds(200 + 4 * 200));
  hires.set_prompt("a cat AND a dog AND a tree");
  EXPECT_EQ(PredictCost(DemoModel(), parameters), absl::Milliseconds(200 + 4 * 400));
}

TEST(CostModelTest, AnUpscalerCostsItsOperations) {
  darkroom::v1::Model model = DemoModel();
  const darkroom::v1::ImageParameters parameters = Parameters(128, 128, 20, 1);
  EXPECT_EQ(PredictCost(model, parameters, 5e11), absl::Milliseconds(200) + kUnmeasuredUpscale / 2);
  model.set_upscale_milliseconds(8000);
  EXPECT_EQ(PredictCost(model, parameters, 5e11), absl::Milliseconds(200 + 4000));
}

TEST(CostModelTest, AdaptiveSamplerCostsTheSameForAnyNumberOfSteps) {
  darkroom::v1::ImageParameters few = Parameters(128, 128, 1, 1);
  few.set_sampler("DPM adaptive");
  darkroom::v1::ImageParameters many = few;
  many.set_steps(150);
  EXPECT_EQ(PredictCost(DemoModel(), few), PredictCost(DemoModel(), many));
  EXPECT_GT(PredictCost(DemoModel(), few), absl::Milliseconds(200));
}

TEST(CostModelTest, WhatWorkersHaveMeasuredGoesBeforeTheFormula) {
  darkroom::v1::Model model = DemoModel();
  const auto add = [](darkroom::v1::MeasuredCost* cost, int rows, double milliseconds) {
    cost->set_width(128);
    cost->set_height(128);
    cost->set_rows(rows);
    cost->set_milliseconds(milliseconds);
  };
  add(model.add_step_costs(), 2, 12);
  add(model.add_step_costs(), 8, 30);
  add(model.add_decode_costs(), 1, 50);
  EXPECT_EQ(PredictCost(model, Parameters(128, 128, 20, 1)), absl::Milliseconds(20 * 12 + 50));
  EXPECT_EQ(PredictCost(model, Parameters(128, 128, 20, 4)), absl::Milliseconds(20 * 30 + 4 * 50))
      << "its images share their forwards";
  darkroom::v1::ImageParameters hires = Parameters(128, 128, 20, 1);
  hires.mutable_hires_fix()->set_scale(2);
  hires.mutable_hires_fix()->set_steps(10);
  hires.mutable_hires_fix()->set_sampler("Euler");
  hires.mutable_hires_fix()->set_strength(0.5);
  hires.mutable_hires_fix()->set_guidance_scale(5);
  EXPECT_EQ(PredictCost(model, hires), absl::Milliseconds(20 * 12 + 10 * 4 * 12 + 4 * 50));
}

TEST(CostModelTest, UnmeasuredModelHasANominalCostButNoPredictedWait) {
  darkroom::v1::Model model = DemoModel();
  model.set_step_milliseconds(0);
  EXPECT_EQ(PredictCost(model, Parameters(128, 128, 20, 1)), 20 * kUnmeasuredStep);
  EXPECT_EQ(PredictWait(model, absl::Seconds(8), {}), std::nullopt);
}

TEST(CostModelTest, WaitGoesByWhatThePoolHasDone) {
  darkroom::v1::Model model = DemoModel();
  model.set_workers(1);
  const scheduler::Throughput fast = {.done = absl::Minutes(9), .time = absl::Minutes(4)};
  EXPECT_EQ(PredictWait(model, absl::Seconds(8), fast), absl::Seconds(4));
}

TEST(CostModelTest, WaitIsSharedByTheWorkers) {
  darkroom::v1::Model model = DemoModel();
  model.set_workers(4);
  EXPECT_EQ(PredictWait(model, absl::Seconds(8), {}), absl::Seconds(2));
  model.set_workers(0);
  EXPECT_EQ(PredictWait(model, absl::Seconds(8), {}), std::nullopt);
}

}  // namespace
}  // namespace darkroom::server
