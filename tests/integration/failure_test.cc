// What the API promises when a process dies, hangs or is asked to stop.

#include <sys/wait.h>

#include <vector>

#include "absl/time/clock.h"
#include "tests/integration/stack_test.h"

namespace darkroom::testing {
namespace {

constexpr absl::Duration kGrace = absl::Seconds(30);
// The API promises two seconds; the rest is for a busy machine. The client itself waits for 15.
constexpr absl::Duration kPrompt = absl::Seconds(5);

class FailureTest : public StackTest {
 protected:
  FailureTest() : StackTest(absl::Milliseconds(100)) {}

  // A job in mid-picture, three seconds from its end.
  std::unique_ptr<Recording> GenerateUntilItRuns() {
    auto recording = Generate(PictureRequest(30));
    EXPECT_TRUE(recording->Await(v1::JobEvent::kProgress));
    return recording;
  }

  static void ExpectCleanExit(int wait_status) {
    EXPECT_TRUE(WIFEXITED(wait_status)) << cli::ExitText(wait_status);
    EXPECT_EQ(WEXITSTATUS(wait_status), 0);
  }
};

TEST_F(FailureTest, FinishesThePictureOfAWorkerThatWasKilled) {
  const auto recording = GenerateUntilItRuns();
  stack_->Kill(Part::kWorker);
  ASSERT_TRUE(stack_->Run(Part::kWorker).ok());
  ExpectPicture(*recording);
  EXPECT_EQ(recording->Count(v1::JobEvent::kStarted), 2);
  EXPECT_EQ(recording->end().attempts(), 2);
}

TEST_F(FailureTest, KeepsEveryAcknowledgedJobWhenRedisIsKilled) {
  const auto running = GenerateUntilItRuns();
  std::vector<std::string> acknowledged;
  for (int i = 0; i < 20; ++i) {
    v1::CreateJobRequest request;
    *request.mutable_parameters() = PictureRequest(1).parameters();
    const auto job = jobs().Create(request);
    ASSERT_TRUE(job.ok()) << job.status();
    acknowledged.push_back(job->name());
  }
  stack_->Kill(Part::kRedis);
  ASSERT_TRUE(stack_->Run(Part::kRedis).ok());
  for (const std::string& name : acknowledged) {
    Recording recording(jobs(), name);
    ExpectPicture(recording);
    EXPECT_EQ(recording.end().attempts(), 1);
  }
  ExpectPicture(*running);
  EXPECT_EQ(running->end().attempts(), 1);
}

TEST_F(FailureTest, SaysUnavailableWhileRedisIsGoneAndGoesOnAfterwards) {
  const auto recording = GenerateUntilItRuns();
  stack_->Kill(Part::kRedis);
  const absl::Time asked = absl::Now();
  v1::CreateJobRequest request;
  *request.mutable_parameters() = PictureRequest(1).parameters();
  const auto refused = jobs().Create(request);
  EXPECT_TRUE(absl::IsUnavailable(refused.status())) << refused.status();
  EXPECT_LT(absl::Now() - asked, kPrompt);
  ASSERT_TRUE(stack_->Run(Part::kRedis).ok());
  ExpectPicture(*recording);
  EXPECT_TRUE(Eventually(kGrace, [&] { return jobs().Create(request).status(); }).ok());
}

TEST_F(FailureTest, AnswersInTimeWhileRedisHangs) {
  const auto recording = GenerateUntilItRuns();
  stack_->Suspend(Part::kRedis);
  const absl::Time asked = absl::Now();
  const auto unanswered = jobs().Get(recording->job());
  EXPECT_TRUE(absl::IsUnavailable(unanswered.status())) << unanswered.status();
  EXPECT_LT(absl::Now() - asked, kPrompt);
  stack_->Resume(Part::kRedis);
  ExpectPicture(*recording);
}

TEST_F(FailureTest, ResumesWatchersWhenTheGatewayIsKilled) {
  const auto recording = GenerateUntilItRuns();
  Recording watcher(jobs(), recording->job());
  ASSERT_TRUE(watcher.Await(v1::JobEvent::kProgress));
  stack_->Kill(Part::kGateway);
  ASSERT_TRUE(stack_->Run(Part::kGateway).ok());
  ExpectPicture(*recording);
  ExpectPicture(watcher);
}

TEST_F(FailureTest, DrainsAGatewayWithoutLosingItsWatchers) {
  const auto recording = GenerateUntilItRuns();
  ExpectCleanExit(stack_->Terminate(Part::kGateway, kGrace));
  ASSERT_TRUE(stack_->Run(Part::kGateway).ok());
  ExpectPicture(*recording);
}

TEST_F(FailureTest, DrainsAWorkerWithoutSpendingAnAttempt) {
  const auto recording = GenerateUntilItRuns();
  ExpectCleanExit(stack_->Terminate(Part::kWorker, kGrace));
  ASSERT_TRUE(stack_->Run(Part::kWorker).ok());
  ExpectPicture(*recording);
  EXPECT_EQ(recording->end().attempts(), 1);
}

TEST_F(FailureTest, KeepsAJobInTheQueueUntilAWorkerComes) {
  ExpectCleanExit(stack_->Terminate(Part::kWorker, kGrace));
  const auto recording = Generate(PictureRequest(2));
  ASSERT_TRUE(recording->Await(v1::JobEvent::kQueued));
  ASSERT_TRUE(stack_->Run(Part::kWorker).ok());
  ExpectPicture(*recording);
}

TEST_F(FailureTest, StopsTheSchedulerCleanly) {
  ExpectCleanExit(stack_->Terminate(Part::kScheduler, kGrace));
}

}  // namespace
}  // namespace darkroom::testing
