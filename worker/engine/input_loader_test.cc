#include "worker/engine/input_loader.h"

#include <optional>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "worker/engine/testing/engine_rig.h"
#include "worker/image/png_encoder.h"

namespace darkroom::worker {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;

const std::string kInput(64, 'a');
const std::string kMask(64, 'b');

class InputLoaderTest : public ::testing::Test {
 protected:
  void Put(const std::string& file, const std::string& id = kInput) {
    scheduler_.PutInput(id, file, [](const absl::Status& status) { EXPECT_TRUE(status.ok()); });
  }
  void Load(const std::optional<picture::MaskOptions>& mask = std::nullopt) {
    InputOrder order{.id = kInput, .width = 16, .height = 24};
    if (mask.has_value()) order.mask = {.id = kMask, .options = *mask};
    inputs_.Load(order, "",
                 [this](absl::StatusOr<LoadedInput> answer) { answer_ = std::move(answer); });
  }
  // Of a job that has been queued for it.
  scheduler::LeasedJob LeaseOfOne() {
    scheduler::Submission submission;
    submission.id = std::string(32, 'c');
    submission.tenant = "tenant";
    submission.model = "fake";
    scheduler_.Submit(submission, [](auto outcome) { EXPECT_TRUE(outcome.ok()); });
    scheduler::LeasedJob job;
    scheduler_.Acquire({.worker = "worker-1", .models = {"fake"}},
                       [&job](auto jobs) { job = jobs->at(0); });
    return job;
  }
  // What has been answered after the loader has done what is due.
  absl::StatusOr<LoadedInput> Answer() {
    for (int i = 0; i < 3; ++i) inputs_.Pump();
    return answer_;
  }

  ManualClock clock_;
  scheduler::InMemoryScheduler scheduler_{&clock_};
  BreakableStore store_{scheduler_};
  InputLoader inputs_{store_, {DecodeTestFile, DecodeTestMask}, clock_};
  absl::StatusOr<LoadedInput> answer_ = absl::UnknownError("not answered");
};

TEST_F(InputLoaderTest, BringsThePictureAtTheSizeOfTheJob) {
  Put("x");
  Load();
  const absl::StatusOr<LoadedInput> input = Answer();
  ASSERT_TRUE(input.ok()) << input.status();
  EXPECT_EQ(input->picture.width, 16);
  EXPECT_EQ(input->picture.height, 24);
  EXPECT_THAT(input->picture.pixels, Each('x'));
  EXPECT_FALSE(input->overlay.has_value());
}

TEST_F(InputLoaderTest, BringsAPictureAsItIsWithItsText) {
  const RgbImage picture{.width = 1, .height = 1, .pixels = {1, 2, 3}};
  const auto load = [this] {
    inputs_.Load(InputOrder{.id = kInput, .as_it_is = true}, "",
                 [this](absl::StatusOr<LoadedInput> answer) { answer_ = std::move(answer); });
    return Answer();
  };
  Put(EncodePng(picture, "a cat\nSteps: 5").value());
  const absl::StatusOr<LoadedInput> input = load();
  ASSERT_TRUE(input.ok()) << input.status();
  EXPECT_EQ(input->picture.width, 8) << "the decoder's";
  EXPECT_EQ(input->infotext, "a cat\nSteps: 5");
  Put("no PNG");
  EXPECT_EQ(load()->infotext, "");
  Put(EncodePng(picture, std::string(40'000, 'x')).value());
  EXPECT_EQ(load()->infotext, "") << "too long for a record";
}

TEST_F(InputLoaderTest, BringsTheMaskWithThePicture) {
  Put("x");
  Put("mask", kMask);
  Load(picture::MaskOptions{});
  const absl::StatusOr<LoadedInput> input = Answer();
  ASSERT_TRUE(input.ok()) << input.status();
  EXPECT_EQ(input->picture.height, 24);
  EXPECT_EQ(input->mask.width, 16);
  EXPECT_EQ(input->mask.height, 24);
  ASSERT_TRUE(input->overlay.has_value());
  EXPECT_EQ(input->overlay->picture.width, 16);
}

TEST_F(InputLoaderTest, MarginsAreAMaskWithoutAFile) {
  Put("x");
  inputs_.Load(InputOrder{.id = kInput,
                          .width = 16,
                          .height = 24,
                          .mask = MaskOrder{.id = "", .options = {.blur = 0}},
                          .margins = {.left = 8, .bottom = 16}},
               "", [this](absl::StatusOr<LoadedInput> answer) { answer_ = std::move(answer); });
  const absl::StatusOr<LoadedInput> input = Answer();
  ASSERT_TRUE(input.ok()) << input.status();
  EXPECT_EQ(input->mask.pixels[0], 255) << "left of the picture";
  EXPECT_EQ(input->mask.pixels[15], 0);
  EXPECT_EQ(input->mask.pixels[23 * 16 + 15], 255) << "below it";
  EXPECT_THAT(input->picture.pixels, Each('x')) << "its edges are drawn out";
}

TEST_F(InputLoaderTest, BringsTheSavedStepWithAndWithoutAPicture) {
  const scheduler::LeasedJob job = LeaseOfOne();
  scheduler_.PutStep({.id = job.id, .fence = job.fence}, "half done",
                     [](const absl::Status& status) { EXPECT_TRUE(status.ok()) << status; });
  Put("x");
  const auto load = [&](const std::optional<InputOrder>& order, const scheduler::JobId& id) {
    inputs_.Load(order, id,
                 [this](absl::StatusOr<LoadedInput> answer) { answer_ = std::move(answer); });
    return Answer();
  };
  EXPECT_EQ(load(std::nullopt, job.id)->saved, "half done");
  const absl::StatusOr<LoadedInput> both =
      load(InputOrder{.id = kInput, .width = 16, .height = 24}, job.id);
  EXPECT_EQ(both->saved, "half done");
  EXPECT_EQ(both->picture.height, 24);
  const absl::StatusOr<LoadedInput> none = load(std::nullopt, std::string(32, '0'));
  ASSERT_TRUE(none.ok()) << "a step that is not there is no error: " << none.status();
  EXPECT_EQ(none->saved, "");
}

TEST_F(InputLoaderTest, WaitsForTheStoreThatHasTheSavedStepAndThenDoesWithoutIt) {
  const scheduler::LeasedJob job = LeaseOfOne();
  store_.failure = absl::UnavailableError("away");
  inputs_.Load(std::nullopt, job.id,
               [this](absl::StatusOr<LoadedInput> answer) { answer_ = std::move(answer); });
  EXPECT_FALSE(Answer().ok()) << "not answered yet";
  clock_.Advance(InputLoader::kPatience);
  ASSERT_TRUE(Answer().ok()) << answer_.status();
  EXPECT_EQ(answer_->saved, "");
}

TEST_F(InputLoaderTest, TellsTheOwnerOfAMaskThatIsOfNoUse) {
  Put("x");
  Load(picture::MaskOptions{});
  EXPECT_THAT(std::string(Answer().status().message()),
              HasSubstr("init_image.mask is no longer kept"));
  Put("", kMask);
  Load(picture::MaskOptions{});
  EXPECT_EQ(Answer().status().message(), "init_image.mask is no picture");
  Put("black", kMask);
  Load(picture::MaskOptions{});
  EXPECT_TRUE(absl::IsInvalidArgument(Answer().status()));
  EXPECT_THAT(std::string(Answer().status().message()),
              HasSubstr("init_image.mask covers nothing: paint white"));
}

TEST_F(InputLoaderTest, TellsTheOwnerOfAFileThatIsNoPicture) {
  Put("");
  Load();
  const absl::Status status = Answer().status();
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_EQ(status.message(), "init_image is no picture");
}

TEST_F(InputLoaderTest, TellsTheOwnerOfAPictureThatIsForgotten) {
  Put("x");
  clock_.Advance(absl::Hours(3));
  Load();
  const absl::Status status = Answer().status();
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("send it again"));
}

TEST_F(InputLoaderTest, AsksAgainWhileTheStoreIsAway) {
  Put("x");
  store_.failure = absl::UnavailableError("connection refused");
  Load();
  EXPECT_EQ(Answer().status().message(), "not answered");
  EXPECT_EQ(inputs_.Pump(), InputLoader::kRetry);
  store_.failure = absl::OkStatus();
  EXPECT_EQ(Answer().status().message(), "not answered") << "not before it is due";
  clock_.Advance(InputLoader::kRetry);
  EXPECT_TRUE(Answer().ok());
}

TEST_F(InputLoaderTest, GivesUpAfterAWhile) {
  store_.failure = absl::UnavailableError("connection refused");
  Load();
  for (int i = 0; i <= InputLoader::kPatience / InputLoader::kRetry; ++i) {
    Answer().status().IgnoreError();
    clock_.Advance(InputLoader::kRetry);
  }
  EXPECT_TRUE(absl::IsUnavailable(Answer().status())) << answer_.status();
  EXPECT_EQ(inputs_.Pump(), absl::InfiniteDuration());
}

}  // namespace
}  // namespace darkroom::worker
