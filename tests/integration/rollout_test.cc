// Every process is asked to stop while there is load, as a rollout does it.

#include <sys/wait.h>

#include <memory>
#include <vector>

#include "tests/integration/stack_test.h"

namespace darkroom::testing {
namespace {

constexpr absl::Duration kGrace = absl::Seconds(30);
constexpr int kJobs = 12;

class RolloutTest : public StackTest {
 protected:
  RolloutTest() : StackTest(absl::Milliseconds(20)) {}

  // Jobs of all sizes, some of which run and some wait.
  void Load() {
    for (int i = 0; i < kJobs; ++i) load_.push_back(Generate(PictureRequest(10 + 5 * i)));
    ASSERT_TRUE(load_.front()->Await(v1::JobEvent::kProgress));
  }
  void Restart(Part part) {
    const int ended = stack_->Terminate(part, kGrace);
    EXPECT_TRUE(WIFEXITED(ended)) << cli::ExitText(ended);
    EXPECT_EQ(WEXITSTATUS(ended), 0);
    ASSERT_TRUE(stack_->Run(part).ok());
  }
  // Every job has made its picture in one attempt, and its watcher has missed nothing.
  void ExpectAllDone() {
    for (const std::unique_ptr<Recording>& recording : load_) {
      ExpectPicture(*recording);
      EXPECT_EQ(recording->end().attempts(), 1);
    }
  }

  std::vector<std::unique_ptr<Recording>> load_;
};

TEST_F(RolloutTest, AWorkerUnderLoadLosesNothingAndSpendsNoAttempt) {
  Load();
  Restart(Part::kWorker);
  ExpectAllDone();
}

TEST_F(RolloutTest, AGatewayUnderLoadLosesNoJobAndNoWatcher) {
  Load();
  Restart(Part::kGateway);
  ExpectAllDone();
}

TEST_F(RolloutTest, ASchedulerUnderLoadIsNotMissed) {
  Load();
  Restart(Part::kScheduler);
  ExpectAllDone();
}

TEST_F(RolloutTest, AllPartsOneAfterTheOtherLoseNothing) {
  Load();
  for (const Part part : {Part::kScheduler, Part::kWorker, Part::kGateway, Part::kWorker}) {
    Restart(part);
  }
  ExpectAllDone();
}

}  // namespace
}  // namespace darkroom::testing
