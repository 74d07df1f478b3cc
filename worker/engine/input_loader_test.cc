#include "worker/engine/input_loader.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "worker/engine/testing/engine_rig.h"

namespace darkroom::worker {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;

const std::string kInput(64, 'a');

class InputLoaderTest : public ::testing::Test {
 protected:
  void Put(const std::string& file) {
    scheduler_.PutInput(kInput, file, [](const absl::Status& status) { EXPECT_TRUE(status.ok()); });
  }
  void Load() {
    inputs_.Load({.id = kInput, .width = 16, .height = 24},
                 [this](absl::StatusOr<RgbImage> answer) { answer_ = std::move(answer); });
  }
  // What has been answered after the loader has done what is due.
  absl::StatusOr<RgbImage> Answer() {
    inputs_.Pump();
    inputs_.Pump();
    return answer_;
  }

  ManualClock clock_;
  scheduler::InMemoryScheduler scheduler_{&clock_};
  BreakableStore store_{scheduler_};
  InputLoader inputs_{store_, DecodeTestFile, clock_};
  absl::StatusOr<RgbImage> answer_ = absl::UnknownError("not answered");
};

TEST_F(InputLoaderTest, BringsThePictureAtTheSizeOfTheJob) {
  Put("x");
  Load();
  const absl::StatusOr<RgbImage> picture = Answer();
  ASSERT_TRUE(picture.ok()) << picture.status();
  EXPECT_EQ(picture->width, 16);
  EXPECT_EQ(picture->height, 24);
  EXPECT_THAT(picture->pixels, Each('x'));
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
