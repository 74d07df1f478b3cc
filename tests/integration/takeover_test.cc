// A picture that one worker begins and another finishes.

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "tests/integration/stack_test.h"

namespace darkroom::testing {
namespace {

namespace fs = std::filesystem;

constexpr char kDemo[] = "demo";
constexpr int kLate = 40;  // step of the fault
constexpr absl::Duration kLongEnough = absl::Seconds(60);
constexpr absl::Duration kNoGrace = absl::Milliseconds(10);  // too short for any picture here

class TakeoverTest : public StackTest {
 protected:
  void SetUp() override {
    const auto fill = [](const fs::path& models) {
      fs::copy("models/demo", models / kDemo, fs::copy_options::recursive);
    };
    UseStack(Stack::StartReal(fill, kDemo, {"--drain_grace", absl::FormatDuration(kNoGrace)}));
  }

  // Of many steps, with a sampler that carries much and draws its noise from a motion.
  static v1::GenerateImageRequest LongRequest() {
    v1::GenerateImageRequest request;
    v1::ImageParameters& parameters = *request.mutable_parameters();
    parameters.set_model(kDemo);
    parameters.set_prompt("a [red:green:30] apple on a blue background");
    parameters.set_steps(3 * kLate);
    parameters.set_sampler("DPM++ 3M SDE");
    parameters.set_seed(17);
    return request;
  }

  // Blocks until the job has made kLate steps and one is saved.
  void AwaitTheMiddleOf(const std::string& job) {
    v1::WatchJobRequest watch;
    watch.set_name(job);
    const auto reader = jobs().Watch(watch, absl::InfiniteFuture());
    v1::JobEvent event;
    int step = 0;
    while (step < kLate && reader->Read(event)) step = event.progress().step();
    reader->Cancel();
    (void)reader->Finish();
    ASSERT_GE(step, kLate);
    const std::string key = absl::StrCat("dr:{default}:s:", absl::StripPrefix(job, "jobs/"));
    const absl::Status saved = Eventually(kLongEnough, [&]() -> absl::Status {
      const auto answer =
          cli::Exchange(stack_->redis(), absl::StrCat("EXISTS ", key, "\r\n"), absl::Seconds(5));
      if (!answer.ok()) return answer.status();
      return *answer == ":1\r\n" ? absl::OkStatus() : absl::UnavailableError(*answer);
    });
    ASSERT_TRUE(saved.ok()) << saved;
  }

  // Of the newest lease.
  static int FirstStepOfTheLastAttempt(const Recording& recording) {
    int step = 0;
    for (const v1::JobEvent& event : recording.events()) {
      if (event.has_started()) step = 0;
      if (event.has_progress() && step == 0) step = event.progress().step();
    }
    return step;
  }

  // What the recorded job has come out as, it would have without a fault.
  void ExpectTheUndisturbedPicture(const Recording& recording) {
    const auto undisturbed = Generate(LongRequest());
    ExpectPicture(*undisturbed);
    EXPECT_EQ(undisturbed->end().attempts(), 1);
    EXPECT_EQ(recording.Images(), undisturbed->Images());
  }
};

TEST_F(TakeoverTest, OfAKilledWorkerGoesOnFromASavedStepToTheSameBytes) {
  const auto recording = Generate(LongRequest());
  ASSERT_TRUE(recording->Await(v1::JobEvent::kProgress));
  AwaitTheMiddleOf(recording->job());
  stack_->Kill(Part::kWorker);
  ASSERT_TRUE(stack_->Run(Part::kWorker).ok());
  ExpectPicture(*recording);
  EXPECT_EQ(recording->Count(v1::JobEvent::kStarted), 2);
  EXPECT_EQ(recording->end().attempts(), 2);
  EXPECT_GT(FirstStepOfTheLastAttempt(*recording), kLate / 2);
  ExpectTheUndisturbedPicture(*recording);
}

TEST_F(TakeoverTest, OfADrainedWorkerLosesNoStep) {
  const auto recording = Generate(LongRequest());
  ASSERT_TRUE(recording->Await(v1::JobEvent::kProgress));
  AwaitTheMiddleOf(recording->job());
  EXPECT_EQ(stack_->Terminate(Part::kWorker, kLongEnough), 0);
  ASSERT_TRUE(stack_->Run(Part::kWorker).ok());
  ExpectPicture(*recording);
  EXPECT_EQ(recording->Count(v1::JobEvent::kStarted), 2) << "it was handed back";
  EXPECT_EQ(recording->end().attempts(), 1);
  EXPECT_GT(FirstStepOfTheLastAttempt(*recording), kLate / 2);
  ExpectTheUndisturbedPicture(*recording);
}

}  // namespace
}  // namespace darkroom::testing
