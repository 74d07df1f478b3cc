// What administrators do, over real processes.

#include <sys/wait.h>

#include <filesystem>
#include <memory>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/file.h"
#include "darkroom/v1/fleet_service.pb.h"
#include "google/protobuf/util/json_util.h"
#include "tests/integration/command_run.h"
#include "tests/integration/stack_test.h"

namespace darkroom::testing {
namespace {

using ::testing::HasSubstr;

constexpr absl::Duration kPatience = absl::Seconds(60);

class AdminTest : public StackTest {
 protected:
  AdminTest() : StackTest(absl::Milliseconds(100)) {}

  void SetUp() override {
    UseStack(Stack::StartWithKeys(step_));
    if (stack_ == nullptr) return;
    CommandRun made = Darkroom("keys create --tenant alice");
    ASSERT_EQ(made.Join(), 0) << made.err();
    const std::filesystem::path file = stack_->folder() / "secrets" / "alice";
    ASSERT_TRUE(WriteFileAtomically(file, made.out()).ok());
    alice_ = cli::Connection::Open({stack_->address(), file}).value();
  }

  CommandRun Darkroom(const std::string& arguments) {
    return CommandRun(stack_->folder(),
                      absl::StrCat(arguments, " --server ", stack_->address(), " --key_file ",
                                   (stack_->folder() / "secrets" / "ops").string()));
  }

  // The only worker.
  absl::StatusOr<v1::Worker> FindWorker() {
    CommandRun json = Darkroom("workers list --json");
    v1::ListWorkersResponse listed;
    if (json.Join() != 0 ||
        !google::protobuf::util::JsonStringToMessage(json.out(), &listed).ok() ||
        listed.workers_size() != 1) {
      return absl::InternalError(absl::StrCat(json.out(), json.err()));
    }
    return listed.workers(0);
  }

  // A frame of `darkroom top` has the text in time.
  absl::Status AwaitTop(const std::string& text) {
    return Eventually(kPatience, [&]() -> absl::Status {
      CommandRun top = Darkroom("top --once");
      if (top.Join() != 0) return absl::InternalError(top.err());
      if (absl::StrContains(top.out(), text)) return absl::OkStatus();
      return absl::UnavailableError(top.out());
    });
  }

  std::unique_ptr<cli::Connection> alice_;
};

TEST_F(AdminTest, AJobThatCostTwoWorkersIsQueuedAgainAndMakesItsPicture) {
  Recording recording(alice_->jobs(), PictureRequest(30));
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(Eventually(kPatience, [&]() -> absl::Status {
                  const auto job = alice_->jobs().Get(recording.job());
                  if (!job.ok()) return job.status();
                  const bool taken =
                      job->attempts() == i + 1 && job->state() == v1::JOB_STATE_RUNNING;
                  return taken ? absl::OkStatus() : absl::UnavailableError("not taken yet");
                }).ok());
    stack_->Kill(Part::kWorker);
    if (i == 0) {
      ASSERT_TRUE(stack_->Run(Part::kWorker).ok());
    }
  }
  ASSERT_TRUE(recording.Join().ok());
  EXPECT_EQ(recording.end().state(), v1::JOB_STATE_FAILED);
  const std::string id = recording.job().substr(5);
  CommandRun list = Darkroom("dead list");
  ASSERT_EQ(list.Join(), 0) << list.err();
  EXPECT_THAT(list.out(), HasSubstr(id));
  EXPECT_THAT(list.out(), HasSubstr("WORKER_LOST"));

  ASSERT_TRUE(stack_->Run(Part::kWorker).ok());
  CommandRun requeue = Darkroom(absl::StrCat("dead requeue ", id));
  ASSERT_EQ(requeue.Join(), 0) << requeue.err();
  Recording again(alice_->jobs(), requeue.lines().at(0));
  ExpectPicture(again);
  EXPECT_EQ(again.end().attempts(), 1);
  EXPECT_EQ(again.end().parameters().seed(), recording.end().parameters().seed());
  CommandRun twice = Darkroom(absl::StrCat("dead requeue ", id));
  EXPECT_EQ(twice.Join(), 3);
  EXPECT_THAT(twice.err(), HasSubstr("DEAD_LETTER_NOT_FOUND"));

  CommandRun audit = Darkroom("audit");
  ASSERT_EQ(audit.Join(), 0) << audit.err();
  EXPECT_THAT(audit.out(), HasSubstr(absl::StrCat("RequeueDeadLetter  deadLetters/", id)));
  EXPECT_THAT(audit.out(), HasSubstr(absl::StrCat("-> ", again.job())));
  EXPECT_THAT(audit.out(), HasSubstr("CreateKey"));
  EXPECT_THAT(stack_->Logs(), HasSubstr("RequeueDeadLetter"));
}

TEST_F(AdminTest, AWorkerIsPausedResumedAndDrainedUnderLoad) {
  Recording running(alice_->jobs(), PictureRequest(30));
  ASSERT_TRUE(running.Await(v1::JobEvent::kProgress));
  const absl::StatusOr<v1::Worker> found = FindWorker();
  ASSERT_TRUE(found.ok()) << found.status();
  const v1::Worker& worker = *found;
  EXPECT_EQ(worker.device(), "fake");
  EXPECT_EQ(worker.resident_models(0).model(), "models/fake");

  CommandRun pause = Darkroom(absl::StrCat("workers pause ", worker.name()));
  ASSERT_EQ(pause.Join(), 0) << pause.err();
  EXPECT_TRUE(AwaitTop("  paused").ok());
  Recording waiting(alice_->jobs(), PictureRequest(2));
  ExpectPicture(running);
  EXPECT_EQ(running.end().attempts(), 1);
  EXPECT_EQ(alice_->jobs().Get(waiting.job()).value().state(), v1::JOB_STATE_QUEUED);
  EXPECT_TRUE(AwaitTop("standard  1").ok());
  CommandRun resume = Darkroom(absl::StrCat("workers resume ", worker.name()));
  ASSERT_EQ(resume.Join(), 0) << resume.err();
  ExpectPicture(waiting);

  Recording last(alice_->jobs(), PictureRequest(30));
  ASSERT_TRUE(last.Await(v1::JobEvent::kProgress));
  CommandRun drain = Darkroom(absl::StrCat("workers drain ", worker.name()));
  ASSERT_EQ(drain.Join(), 0) << drain.err();
  const int ended = stack_->AwaitEnd(Part::kWorker, kPatience);
  EXPECT_TRUE(WIFEXITED(ended)) << cli::ExitText(ended);
  EXPECT_EQ(WEXITSTATUS(ended), 0);
  EXPECT_TRUE(AwaitTop("No worker is there.").ok());
  ASSERT_TRUE(stack_->Run(Part::kWorker).ok());
  ExpectPicture(last);
  EXPECT_EQ(last.end().attempts(), 1);
  CommandRun audit = Darkroom("audit");
  ASSERT_EQ(audit.Join(), 0) << audit.err();
  for (const char* action : {"PauseWorker", "ResumeWorker", "DrainWorker"}) {
    EXPECT_THAT(audit.out(), HasSubstr(action));
  }
}

TEST_F(AdminTest, TopTellsHowFarPromisedWaitsWereOff) {
  Recording first(alice_->jobs(), PictureRequest(3));  // after which the model is measured
  ExpectPicture(first);
  const absl::StatusOr<v1::Worker> worker = FindWorker();
  ASSERT_TRUE(worker.ok()) << worker.status();
  CommandRun pause = Darkroom(absl::StrCat("workers pause ", worker->name()));
  ASSERT_EQ(pause.Join(), 0) << pause.err();
  ASSERT_TRUE(AwaitTop("  paused").ok());
  Recording waiting(alice_->jobs(), PictureRequest(2));
  ASSERT_TRUE(Eventually(kPatience, [&]() -> absl::Status {
                const auto job = alice_->jobs().Get(waiting.job());
                if (!job.ok()) return job.status();
                return job->has_estimated_wait() ? absl::OkStatus()
                                                 : absl::UnavailableError("nothing is promised");
              }).ok());
  absl::SleepFor(absl::Milliseconds(1500));  // shorter waits are not counted
  CommandRun resume = Darkroom(absl::StrCat("workers resume ", worker->name()));
  ASSERT_EQ(resume.Join(), 0) << resume.err();
  ExpectPicture(waiting);
  EXPECT_TRUE(AwaitTop("Waits promised, of jobs taken").ok());
  EXPECT_TRUE(AwaitTop("standard  1     88%, 98%").ok()) << "it was to begin at once";
}

}  // namespace
}  // namespace darkroom::testing
