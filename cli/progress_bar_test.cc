#include "cli/progress_bar.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace darkroom::cli {
namespace {

Progress Running(int step, int steps) {
  Progress progress;
  progress.phase = Progress::Phase::kRunning;
  progress.step = step;
  progress.steps = steps;
  return progress;
}

TEST(ProgressBarTest, FillsInProportionToTheSteps) {
  Progress progress = Running(10, 20);
  progress.time_left = absl::Seconds(3.2);
  EXPECT_EQ(RenderBar(LineOf(progress), 80),
            "[####################....................] step 10 of 20, 0:04 left");
  EXPECT_EQ(LineOf(progress).text, "step 10 of 20, 0:04 left");
}

TEST(ProgressBarTest, ShrinksWithTheTerminal) {
  EXPECT_EQ(RenderBar(LineOf(Running(4, 4)), 28), "[##############] step 4 of 4");
  EXPECT_EQ(RenderBar(LineOf(Running(4, 4)), 20), "step 4 of 4");
  EXPECT_EQ(RenderBar(LineOf(Running(4, 4)), 6), "step 4");
  EXPECT_EQ(RenderBar(LineOf(Running(4, 4)), -1), "");
}

TEST(ProgressBarTest, TellsThePlaceInTheQueue) {
  darkroom::v1::JobEvent event;
  event.mutable_queued()->set_position(3);
  event.mutable_queued()->mutable_estimated_wait()->set_seconds(75);
  Progress progress;
  progress.Update(event);
  EXPECT_EQ(LineOf(progress).text, "waiting, 3 jobs ahead, about 1:15");
  event.mutable_queued()->set_position(1);
  event.mutable_queued()->clear_estimated_wait();
  progress.Update(event);
  EXPECT_EQ(LineOf(progress).text, "waiting, 1 job ahead");
  event.mutable_queued()->set_position(0);
  event.mutable_queued()->set_requeued(true);
  progress.Update(event);
  EXPECT_EQ(LineOf(progress).text, "waiting again, the worker was lost");
}

TEST(ProgressBarTest, CountsThePicturesOfASeries) {
  darkroom::v1::JobEvent event;
  event.mutable_accepted()->mutable_job()->mutable_parameters()->set_image_count(3);
  Progress progress = Running(20, 20);
  progress.Update(event);
  event.mutable_image_chunk()->mutable_image()->set_index(1);
  progress.Update(event);
  EXPECT_EQ(progress.images_done, 0) << "the image has not come whole";
  event.mutable_image_chunk()->set_last(true);
  progress.Update(event);
  EXPECT_EQ(LineOf(progress).text, "step 20 of 20, 2 of 3 pictures");
}

TEST(ProgressBarTest, BeginsAgainWithAnotherWorker) {
  Progress progress = Running(15, 20);
  darkroom::v1::JobEvent event;
  event.mutable_started()->set_attempt(2);
  progress.Update(event);
  EXPECT_EQ(progress.fraction(), 0);
}

TEST(ProgressBarTest, IsFullOnceTheJobHasEnded) {
  darkroom::v1::JobEvent event;
  event.mutable_finished();
  Progress progress;
  EXPECT_EQ(progress.fraction(), 0);
  progress.Update(event);
  EXPECT_EQ(progress.fraction(), 1);
}

TEST(ProgressBarTest, WritesTimesAsAClock) {
  EXPECT_EQ(ClockText(absl::ZeroDuration()), "0:00");
  EXPECT_EQ(ClockText(absl::Milliseconds(1)), "0:01");
  EXPECT_EQ(ClockText(absl::Seconds(754)), "12:34");
  EXPECT_EQ(ClockText(absl::Seconds(3723)), "1:02:03");
  EXPECT_EQ(ClockText(absl::Seconds(-5)), "0:00");
}

}  // namespace
}  // namespace darkroom::cli
