// A backup of Redis, made under load and restored.

#include <cstdlib>
#include <filesystem>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/integration/stack_test.h"

namespace darkroom::testing {
namespace {

class BackupTest : public StackTest {
 protected:
  BackupTest() : StackTest(absl::Milliseconds(20)) {}

  // The name of an acknowledged job.
  std::string Queue(int steps) {
    v1::CreateJobRequest request;
    *request.mutable_parameters() = PictureRequest(steps).parameters();
    return jobs().Create(request).value().name();
  }
  int Run(const std::string& arguments) {
    return std::system(absl::StrCat("deploy/redis/backup.sh ", arguments, " -p ",
                                    stack_->redis().port, " 2>", complaints_.string())
                           .c_str());
  }
  // Puts the backup in the place of what Redis has.
  void Restore() {
    stack_->Kill(Part::kRedis);
    std::filesystem::remove_all(data_);
    std::filesystem::copy(backup_, data_, std::filesystem::copy_options::recursive);
    ASSERT_TRUE(stack_->Run(Part::kRedis).ok());
  }

  void SetUp() override {
    StackTest::SetUp();
    data_ = stack_->folder() / "redis";
    backup_ = stack_->folder() / "backup";
    complaints_ = stack_->folder() / "complaints";
  }

  std::filesystem::path data_;
  std::filesystem::path backup_;
  std::filesystem::path complaints_;
};

TEST_F(BackupTest, EndedRunningAndWaitingJobsOfBeforeAreAllThere) {
  std::vector<std::string> before;
  before.push_back(Queue(1));
  Recording ended(jobs(), before[0]);
  ExpectPicture(ended);
  for (int i = 0; i < 60; ++i) before.push_back(Queue(20));
  std::jthread load([this](const std::stop_token& stop) {
    while (!stop.stop_requested()) Queue(5);
  });
  ASSERT_EQ(Run(absl::StrCat(data_.string(), " ", backup_.string())), 0);
  load.request_stop();
  load.join();
  Queue(5);
  Restore();
  for (const std::string& job : before) {
    Recording recording(jobs(), job);
    ExpectPicture(recording);
  }
}

TEST_F(BackupTest, ABackupIsNotWrittenOverAndNothingElseIsTakenForOne) {
  ASSERT_EQ(Run(absl::StrCat(data_.string(), " ", backup_.string())), 0);
  EXPECT_NE(Run(absl::StrCat(data_.string(), " ", backup_.string())), 0);
  EXPECT_NE(Run(absl::StrCat(stack_->folder().string(), " ", backup_.string(), "-2")), 0);
  EXPECT_FALSE(std::filesystem::exists(absl::StrCat(backup_.string(), "-2")));
}

}  // namespace
}  // namespace darkroom::testing
