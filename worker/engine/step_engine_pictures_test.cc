// The step engine with jobs that begin with a picture, or make one in two passes.

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "darkroom/internal/v1/job_record.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "infotext/png_text.h"
#include "worker/engine/step_engine.h"
#include "worker/engine/testing/engine_rig.h"

namespace darkroom::worker {
namespace {

using scheduler::JobId;
using scheduler::JobState;
using scheduler::ProgressEvent;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

TEST(StepEnginePictures, BeginsWithAPictureAndMakesTheStepsThatItLeaves) {
  EngineRig rig;
  const std::string input(64, 'a');
  rig.scheduler.PutInput(input, "\x40", [](const absl::Status&) {});
  const JobId id = rig.Submit({.steps = 10, .input = input, .strength = 0.35});
  const JobId plain = rig.Submit({.steps = 4});
  rig.RunDry();
  const scheduler::JobSnapshot job = rig.Get(id);
  ASSERT_EQ(job.state, JobState::kSucceeded) << job.failure.message;
  const std::vector<ProgressEvent> progress = rig.EventsOf<ProgressEvent>(id);
  ASSERT_THAT(progress, Not(IsEmpty()));
  EXPECT_EQ(progress.back().steps, 4);
  EXPECT_EQ(progress.back().step, 4);
  internal::v1::JobResult result;
  ASSERT_TRUE(result.ParseFromString(job.result));
  EXPECT_THAT(result.images(0).infotext(), HasSubstr("Steps: 10, "));
  EXPECT_THAT(result.images(0).infotext(), HasSubstr("Denoising strength: 0.35"));
  EXPECT_NE(rig.Result(id, job.fence, 0), rig.Result(plain, rig.Get(plain).fence, 0));
}

TEST(StepEnginePictures, MakesASecondPassAtItsSizeBesideJobsOfEitherSize) {
  EngineRig rig;
  const JobId hires = rig.Submit({.prompt = "hires", .steps = 2, .images = 2, .hires_steps = 3});
  const JobId small = rig.Submit({.prompt = "small", .steps = 4});
  const JobId large = rig.Submit({.prompt = "large", .steps = 8, .size = 128});
  rig.RunDry();
  for (const JobId& id : {hires, small, large}) {
    ASSERT_EQ(rig.Get(id).state, JobState::kSucceeded) << rig.Get(id).failure.message;
  }
  int with_small = 0;
  int with_large = 0;
  for (const std::vector<std::string>& batch : rig.Batches()) {
    const auto count = [&](absl::string_view prompt) {
      return std::count(batch.begin(), batch.end(), prompt);
    };
    EXPECT_FALSE(count("small") > 0 && count("large") > 0);
    with_small += count("hires") == 2 && count("small") > 0;
    with_large += count("hires") == 2 && count("large") > 0;
  }
  EXPECT_EQ(with_small, 2) << "its first pass";
  EXPECT_EQ(with_large, 3) << "its second";
  const std::vector<ProgressEvent> progress = rig.EventsOf<ProgressEvent>(hires);
  ASSERT_THAT(progress, Not(IsEmpty()));
  EXPECT_EQ(progress.back().steps, 5);
  EXPECT_EQ(progress.back().step, 5);
  internal::v1::JobResult result;
  ASSERT_TRUE(result.ParseFromString(rig.Get(hires).result));
  EXPECT_EQ(result.images(1).width(), 128);
  EXPECT_THAT(result.images(1).infotext(),
              HasSubstr("Size: 64x64, Model hash: 0123456789, Model: fake, Denoising strength: "
                        "0.5, RNG: NV, Hires upscale: 2, Hires steps: 3, Hires upscaler: Latent"));
}

TEST(StepEnginePictures, KnowsThatStepsOfALargerSecondPassTakeLonger) {
  diffusion::FakeBackendOptions options;
  options.time_per_forward = absl::Seconds(1);
  EngineRig rig(options);
  const JobId id = rig.Submit({.steps = 2, .hires_steps = 5});
  for (int i = 0; i < 3 && rig.EventsOf<ProgressEvent>(id).empty(); ++i) rig.Tick();
  const std::vector<ProgressEvent> progress = rig.EventsOf<ProgressEvent>(id);
  ASSERT_THAT(progress, SizeIs(1));
  EXPECT_EQ(progress[0].time_left, absl::Seconds(1 + 5 * 4));
}

// A job whose upscaler works in pieces.
class UpscalingJobTest : public ::testing::Test {
 protected:
  static diffusion::FakeBackendOptions Slow() {
    diffusion::FakeBackendOptions options;
    options.time_per_forward = absl::Seconds(1);
    options.time_to_scale = absl::Seconds(10);
    return options;
  }
  UpscalingJobTest() {
    rig_.backend.SetAdapters({.upscalers = {{.name = "4x", .path = "4x.safetensors"}}});
  }
  JobId Submit(int images = 1) {
    return rig_.Submit(
        {.prompt = "hires", .steps = 2, .images = images, .hires_steps = 3, .upscaler = "4x"});
  }
  // Until it waits for its first piece.
  void TickToScaling() {
    rig_.Tick();
    rig_.Tick();
  }

  EngineRig rig_{Slow()};
};

TEST_F(UpscalingJobTest, LeavesAForwardToTheOthersBetweenTwoPieces) {
  const JobId hires = Submit(/*images=*/2);
  const JobId other = rig_.Submit({.prompt = "other", .steps = 20});
  rig_.RunDry();
  for (const JobId& id : {hires, other}) {
    ASSERT_EQ(rig_.Get(id).state, JobState::kSucceeded) << rig_.Get(id).failure.message;
  }
  std::string rows;  // of each forward: whether hires takes part
  for (const std::vector<std::string>& batch : rig_.Batches()) {
    rows += std::count(batch.begin(), batch.end(), "hires") > 0 ? 'h' : '-';
  }
  const std::size_t second_pass = rows.find('h', rows.find('-'));
  ASSERT_NE(second_pass, rows.npos) << rows;
  const auto alone = static_cast<int>(second_pass - rows.find('-'));
  EXPECT_EQ(alone, diffusion::kFakeScalePieces - 1) << "one between two pieces: " << rows;
  EXPECT_GT(rig_.Get(hires).device_time, 2 * diffusion::kFakeScalePieces * absl::Seconds(10));
  EXPECT_LT(rig_.Get(other).device_time, absl::Seconds(30)) << "pieces are not charged to it";
  EXPECT_EQ(rig_.meter.upscale(), 1000 * absl::Seconds(10)) << "of 10^9 multiply-adds";
}

TEST_F(UpscalingJobTest, TellsTheTimeOfThePiecesThatAreLeftAndKeepsThePaceOfSteps) {
  const JobId first = Submit();
  rig_.RunDry();
  const JobId id = Submit();
  rig_.RunDry();
  ASSERT_EQ(rig_.Get(id).state, JobState::kSucceeded);
  const std::vector<ProgressEvent> progress = rig_.EventsOf<ProgressEvent>(id);
  ASSERT_THAT(progress, SizeIs(5));
  // Four times the pixels take four times as long, as far as is known after the first pass.
  EXPECT_EQ(progress[1].time_left, 3 * absl::Seconds(10) + 3 * absl::Seconds(4));
  EXPECT_LT(progress[2].time_left, absl::Seconds(10)) << "pieces are no steps";
  EXPECT_EQ(progress[4].step, 5);
}

TEST_F(UpscalingJobTest, IsCancelledBetweenTwoPieces) {
  const JobId id = Submit();
  TickToScaling();
  const absl::Time start = rig_.clock.Now();
  rig_.Cancel(id);
  rig_.RunDry();
  EXPECT_EQ(rig_.Get(id).state, JobState::kCancelled);
  EXPECT_LE(rig_.clock.Now() - start, absl::Seconds(10));
}

TEST_F(UpscalingJobTest, FailsWhereTheUpscalerIsGone) {
  rig_.backend.SetAdapters({});
  const JobId id = Submit();
  rig_.RunDry();
  EXPECT_EQ(rig_.Get(id).failure.reason, "INVALID_REQUEST");
}

TEST_F(UpscalingJobTest, OfAPictureAloneGoesPieceByPieceAndTellsThem) {
  const std::string input(64, 'a');
  rig_.scheduler.PutInput(input, "x", [](const absl::Status&) {});
  const JobId id = rig_.Submit({.input = input, .upscaler = "4x", .enlarges = true});
  rig_.RunDry();
  ASSERT_EQ(rig_.Get(id).state, JobState::kSucceeded) << rig_.Get(id).failure.message;
  EXPECT_THAT(rig_.Batches(), IsEmpty());
  const std::vector<ProgressEvent> progress = rig_.EventsOf<ProgressEvent>(id);
  ASSERT_THAT(progress, SizeIs(diffusion::kFakeScalePieces));
  EXPECT_EQ(progress[0].step, 1);
  EXPECT_EQ(progress[0].steps, diffusion::kFakeScalePieces);
  EXPECT_EQ(progress[0].time_left, 2 * absl::Seconds(10));
  EXPECT_EQ(progress[2].time_left, absl::ZeroDuration());
  EXPECT_EQ(rig_.Get(id).device_time, diffusion::kFakeScalePieces * absl::Seconds(10));
  EXPECT_EQ(rig_.meter.decode("fake"), absl::ZeroDuration()) << "no model decodes it";
  const std::string png = rig_.Result(id, rig_.Get(id).fence, 0);
  EXPECT_EQ(infotext::ReadPngParameters(png).value(),
            "Postprocess upscale by: 2, Postprocess upscaler: 4x");
  EXPECT_TRUE(rig_.engine.idle());
}

TEST_F(UpscalingJobTest, OfAPictureAloneIsCancelledBetweenTwoPieces) {
  const std::string input(64, 'a');
  rig_.scheduler.PutInput(input, "x", [](const absl::Status&) {});
  const JobId id = rig_.Submit({.input = input, .upscaler = "4x", .enlarges = true});
  while (rig_.EventsOf<ProgressEvent>(id).empty()) rig_.Tick();
  rig_.Cancel(id);
  rig_.RunDry();
  EXPECT_EQ(rig_.Get(id).state, JobState::kCancelled);
  EXPECT_EQ(rig_.meter.upscale(), 1000 * absl::Seconds(10));
}

TEST(StepEnginePictures, MakesThePartOfAPictureThatAMaskCovers) {
  EngineRig rig;
  const std::string input(64, 'a');
  const std::string mask(64, 'b');
  const std::string black(64, 'c');
  rig.scheduler.PutInput(input, "x", [](const absl::Status&) {});
  rig.scheduler.PutInput(mask, "mask", [](const absl::Status&) {});
  rig.scheduler.PutInput(black, "black", [](const absl::Status&) {});
  const JobId whole = rig.Submit({.input = input});
  const JobId masked = rig.Submit({.input = input, .mask = mask});
  const JobId nothing = rig.Submit({.input = input, .mask = black});
  rig.RunDry();
  EXPECT_EQ(rig.Get(masked).state, JobState::kSucceeded);
  EXPECT_NE(rig.Result(masked, rig.Get(masked).fence, 0),
            rig.Result(whole, rig.Get(whole).fence, 0));
  EXPECT_EQ(rig.Get(nothing).failure.reason, "INVALID_REQUEST");
  EXPECT_THAT(rig.Get(nothing).failure.message, HasSubstr("init_image.mask covers nothing"));
}

TEST(StepEnginePictures, FailsTheJobWhosePictureCannotBeReadAndNoOther) {
  EngineRig rig;
  const std::string empty(64, 'b');
  rig.scheduler.PutInput(empty, "", [](const absl::Status&) {});
  const JobId damaged = rig.Submit({.input = empty});
  const JobId forgotten = rig.Submit({.input = std::string(64, 'c')});
  const JobId good = rig.Submit({});
  rig.RunDry();
  EXPECT_EQ(rig.Get(damaged).state, JobState::kFailed);
  EXPECT_EQ(rig.Get(damaged).failure.reason, "INVALID_REQUEST");
  EXPECT_EQ(rig.Get(damaged).failure.message, "init_image is no picture");
  EXPECT_EQ(rig.Get(forgotten).failure.reason, "INVALID_REQUEST");
  EXPECT_EQ(rig.Get(good).state, JobState::kSucceeded);
  EXPECT_TRUE(rig.engine.idle());
}

TEST(StepEnginePictures, CountsTheImagesOfAJobWhosePictureIsUnderWay) {
  EngineRig rig({}, {.capacity = 8});
  rig.Submit({.images = 8, .input = std::string(64, 'a')});
  rig.feeder.Pump();
  EXPECT_EQ(rig.engine.free_rows(), 0);
  EXPECT_FALSE(rig.engine.idle());
}

}  // namespace
}  // namespace darkroom::worker
