#include "worker/engine/step_meter.h"

#include "gtest/gtest.h"

namespace darkroom::worker {
namespace {

constexpr CostTable::Shape kSquare = {.width = 64, .height = 64};

TEST(StepMeter, KnowsNothingBeforeTheFirstStep) {
  EXPECT_EQ(StepMeter().step("demo"), absl::ZeroDuration());
}

TEST(StepMeter, ScalesToOneImageOfDefaultSize) {
  StepMeter meter;
  meter.RecordStep("demo", kSquare, 8, 4, absl::Milliseconds(200));
  meter.RecordDecode("demo", kSquare, 0.25, absl::Milliseconds(10));
  EXPECT_EQ(meter.step("demo"), absl::Milliseconds(50));
  EXPECT_EQ(meter.decode("demo"), absl::Milliseconds(40));
  EXPECT_EQ(meter.step("other"), absl::ZeroDuration());
}

TEST(StepMeter, UpscalersAreMeasuredByTheirOperationsWhateverTheModel) {
  StepMeter meter;
  EXPECT_EQ(meter.upscale(), absl::ZeroDuration());
  meter.RecordUpscale(500'000'000'000, absl::Seconds(2));
  EXPECT_EQ(meter.upscale(), absl::Seconds(4));
}

TEST(StepMeter, KnowsTheShapesOfEachModelByThemselves) {
  StepMeter meter;
  for (int i = 0; i < 3; ++i) {
    meter.RecordStep("demo", kSquare, 8, 4, absl::Milliseconds(200));
    meter.RecordDecode("demo", kSquare, 1, absl::Milliseconds(10));
  }
  ASSERT_EQ(meter.step_costs("demo").size(), 1u);
  EXPECT_EQ(meter.step_costs("demo")[0].rows, 8);
  EXPECT_EQ(meter.step_costs("demo")[0].time, absl::Milliseconds(200));
  ASSERT_EQ(meter.decode_costs("demo").size(), 1u);
  EXPECT_EQ(meter.decode_costs("demo")[0].time, absl::Milliseconds(10));
  EXPECT_TRUE(meter.step_costs("other").empty());
}

TEST(StepMeter, FollowsAChangeOfPace) {
  StepMeter meter;
  for (int i = 0; i < 100; ++i) meter.RecordStep("demo", kSquare, 2, 1, absl::Milliseconds(100));
  for (int i = 0; i < 100; ++i) meter.RecordStep("demo", kSquare, 2, 1, absl::Milliseconds(20));
  EXPECT_NEAR(absl::ToDoubleMilliseconds(meter.step("demo")), 20, 1);
}

}  // namespace
}  // namespace darkroom::worker
