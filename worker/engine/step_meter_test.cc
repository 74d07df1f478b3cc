#include "worker/engine/step_meter.h"

#include "gtest/gtest.h"

namespace darkroom::worker {
namespace {

TEST(StepMeter, KnowsNothingBeforeTheFirstStep) {
  EXPECT_EQ(StepMeter().step("demo"), absl::ZeroDuration());
}

TEST(StepMeter, ScalesToOneImageOfDefaultSize) {
  StepMeter meter;
  meter.RecordStep("demo", 4, absl::Milliseconds(200));
  meter.RecordDecode("demo", 0.25, absl::Milliseconds(10));
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

TEST(StepMeter, FollowsAChangeOfPace) {
  StepMeter meter;
  for (int i = 0; i < 100; ++i) meter.RecordStep("demo", 1, absl::Milliseconds(100));
  for (int i = 0; i < 100; ++i) meter.RecordStep("demo", 1, absl::Milliseconds(20));
  EXPECT_NEAR(absl::ToDoubleMilliseconds(meter.step("demo")), 20, 1);
}

}  // namespace
}  // namespace darkroom::worker
