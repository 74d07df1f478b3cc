#include "worker/engine/step_saver.h"

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "darkroom/internal/v1/saved_step.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "scheduler/core/checks.h"
#include "worker/engine/testing/engine_rig.h"

namespace darkroom::worker {
namespace {

using scheduler::JobId;
using scheduler::JobState;
using scheduler::ProgressEvent;
using scheduler::StartedEvent;
using ::testing::HasSubstr;

diffusion::FakeBackendOptions OneSecondAStep() { return {.time_per_row = absl::Seconds(1)}; }

class StepSaverTest : public ::testing::Test {
 protected:
  // Ticks until the newest lease of the job has made this step.
  static void TickUntil(EngineRig& rig, const JobId& id, int step) {
    const auto reached = [&] {
      const std::vector<ProgressEvent> progress = rig.EventsOf<ProgressEvent>(id);
      return !progress.empty() && progress.back().step >= step;
    };
    for (int i = 0; i < 1000 && !reached(); ++i) rig.Tick();
    ASSERT_TRUE(reached());
  }
  // The worker seems dead to the reaper, which lets the next one have its jobs.
  static void LoseLeases(EngineRig& rig) {
    rig.clock.Advance(scheduler::LeaseStore::kLeaseDuration * 2);
    rig.scheduler.Reap(100, [](auto report) { EXPECT_EQ(report->requeued, 1); });
  }
  static std::string SavedOf(EngineRig& rig, const JobId& id) {
    std::string step;
    rig.scheduler.GetStep(id, [&step](auto bytes) { step = bytes.value_or(""); });
    return step;
  }
  // The steps that the fake has run for this prompt.
  static std::vector<int> StepsOf(const EngineRig& rig, const std::string& prompt) {
    std::vector<int> steps;
    for (const auto& batch : rig.backend.batches()) {
      for (const diffusion::FakeRow& row : batch) {
        if (row.prompt == prompt) steps.push_back(row.step);
      }
    }
    return steps;
  }
  static std::vector<int> Range(int first, int end) {
    std::vector<int> range;
    for (int i = first; i < end; ++i) range.push_back(i);
    return range;
  }
  static std::vector<int> Both(std::vector<int> first, const std::vector<int>& then) {
    first.insert(first.end(), then.begin(), then.end());
    return first;
  }
  static auto Writes(const EngineRig& rig, const std::string& operation) {
    return std::count(rig.store.writes.begin(), rig.store.writes.end(), operation);
  }
};

TEST_F(StepSaverTest, AJobThatIsTakenOverGoesOnFromItsLastSavedStep) {
  EngineRig rig(OneSecondAStep());
  const JobId id = rig.Submit({.prompt = "slow", .steps = 30});
  TickUntil(rig, id, 24);
  EXPECT_EQ(Writes(rig, "PutStep"), 2) << "after 10 and 20 seconds";
  LoseLeases(rig);
  rig.RunDry();
  EXPECT_EQ(rig.Get(id).state, JobState::kSucceeded);
  EXPECT_EQ(rig.Get(id).attempts, 2);
  EXPECT_EQ(StepsOf(rig, "slow"), Both(Range(0, 24), Range(20, 30)));
  EXPECT_EQ(rig.Get(id).device_time, absl::Seconds(10)) << "what this lease has done";
  EXPECT_EQ(SavedOf(rig, id), "") << "gone with the job's end";
}

TEST_F(StepSaverTest, ProgressGoesOnFromThereWithoutAGapInItsSequence) {
  EngineRig rig(OneSecondAStep());
  const JobId id = rig.Submit({.steps = 30, .preview_interval = 5});
  TickUntil(rig, id, 24);
  LoseLeases(rig);
  rig.RunDry();
  std::int64_t sequence = 0;
  bool again = false;
  std::vector<int> steps;
  for (const scheduler::JobEvent& event : rig.Events(id)) {
    EXPECT_EQ(event.sequence, ++sequence);
    const auto* started = std::get_if<StartedEvent>(&event.body);
    again |= started != nullptr && started->attempt == 2;
    const auto* progress = std::get_if<ProgressEvent>(&event.body);
    if (!again || progress == nullptr) continue;
    steps.push_back(progress->step);
    EXPECT_EQ(progress->steps, 30);
    EXPECT_EQ(progress->time_left, absl::Seconds(30 - progress->step)) << "a step takes a second";
  }
  EXPECT_EQ(steps, Range(21, 31));
}

TEST_F(StepSaverTest, TheSecondPassOfAHiresFixIsGoneOnWith) {
  EngineRig rig(OneSecondAStep());
  const JobId id = rig.Submit({.prompt = "large", .steps = 5, .hires_steps = 20});
  TickUntil(rig, id, 13);
  LoseLeases(rig);
  rig.RunDry();
  EXPECT_EQ(rig.Get(id).state, JobState::kSucceeded);
  EXPECT_EQ(StepsOf(rig, "large"), Both(Range(0, 13), Range(10, 25)));
}

TEST_F(StepSaverTest, AShortJobIsNotSaved) {
  EngineRig rig(OneSecondAStep());
  rig.Submit({.steps = 14});
  rig.RunDry();
  EXPECT_EQ(Writes(rig, "PutStep"), 0) << "four seconds are left after ten";
}

TEST_F(StepSaverTest, NothingIsSavedWhereThatIsAskedFor) {
  EngineRig rig(OneSecondAStep(), {.save_interval = absl::InfiniteDuration()});
  const JobId id = rig.Submit({.prompt = "anew", .steps = 50});
  TickUntil(rig, id, 30);
  LoseLeases(rig);
  rig.RunDry();
  EXPECT_EQ(Writes(rig, "PutStep"), 0);
  EXPECT_EQ(StepsOf(rig, "anew"), Both(Range(0, 30), Range(0, 50)));
}

TEST_F(StepSaverTest, AJobThatIsHandedBackIsSavedFirst) {
  EngineRig rig(OneSecondAStep());
  const JobId id = rig.Submit({.prompt = "drained", .steps = 30});
  TickUntil(rig, id, 4);
  rig.engine.Drain(rig.clock.Now() + absl::Seconds(2));
  rig.Tick();
  ASSERT_EQ(rig.Get(id).state, JobState::kQueued);
  const auto& writes = rig.store.writes;
  const auto saved = std::find(writes.begin(), writes.end(), "PutStep");
  EXPECT_LT(saved, std::find(writes.begin(), writes.end(), "Release"));
  rig.engine.Drain(absl::InfiniteFuture());
  rig.RunDry();
  EXPECT_EQ(rig.Get(id).state, JobState::kSucceeded);
  EXPECT_EQ(StepsOf(rig, "drained"), Range(0, 30)) << "no step is made twice";
}

TEST_F(StepSaverTest, AStepThatIsDamagedOrOfAnotherModelIsNotGoneOnFrom) {
  const auto steps_after = [](const std::function<std::string(std::string)>& change) {
    EngineRig rig(OneSecondAStep());
    const JobId id = rig.Submit({.prompt = "a boat", .steps = 30});
    TickUntil(rig, id, 12);
    const std::string step = SavedOf(rig, id);
    EXPECT_NE(step, "");
    rig.scheduler.PutStep({.id = id, .fence = 1}, change(step),
                          [](const absl::Status& status) { EXPECT_TRUE(status.ok()) << status; });
    LoseLeases(rig);
    rig.RunDry();
    EXPECT_EQ(rig.Get(id).state, JobState::kSucceeded);
    return StepsOf(rig, "a boat");
  };
  const std::vector<int> gone_on = Both(Range(0, 12), Range(10, 30));
  const std::vector<int> anew = Both(Range(0, 12), Range(0, 30));
  const diffusion::ModelInfo model = diffusion::FakeModelInfo();
  diffusion::ModelInfo other = model;
  other.hash = "9876543210";
  EXPECT_EQ(steps_after([](std::string step) { return step; }), gone_on);
  EXPECT_EQ(steps_after([](const std::string&) { return "rubbish"; }), anew);
  EXPECT_EQ(steps_after([](std::string step) { return step.substr(0, step.size() - 1); }), anew);
  EXPECT_EQ(steps_after([&](const std::string&) { return WriteSavedStep("10", other); }), anew);
  EXPECT_EQ(steps_after([&](const std::string&) { return WriteSavedStep("77", model); }), anew)
      << "the backend does not know it";
}

TEST_F(StepSaverTest, WhileAModelWaitsForRoomItsJobKeepsItsStep) {
  absl::Status room;
  diffusion::FakeBackendOptions options = OneSecondAStep();
  options.refusal = [&room] { return room; };
  EngineRig rig(std::move(options));
  const JobId id = rig.Submit({.prompt = "patient", .steps = 30});
  TickUntil(rig, id, 12);
  LoseLeases(rig);
  room = absl::UnavailableError("no room");
  for (int i = 0; i < 3; ++i) rig.Tick();
  room = absl::OkStatus();
  rig.RunDry();
  EXPECT_EQ(StepsOf(rig, "patient"), Both(Range(0, 12), Range(10, 30)));
}

TEST_F(StepSaverTest, AStoreWithoutRoomForStepsCostsNothingElse) {
  EngineRig rig(OneSecondAStep());
  rig.store.step_failure = absl::ResourceExhaustedError("full");
  const JobId id = rig.Submit({.steps = 40});
  rig.RunDry();
  EXPECT_GE(Writes(rig, "PutStep"), 2);
  EXPECT_EQ(rig.Get(id).state, JobState::kSucceeded);
  EXPECT_EQ(rig.EventsOf<ProgressEvent>(id).size(), 40u);
}

TEST(SavedStep, IsReadAsItWasWritten) {
  const diffusion::ModelInfo model = diffusion::FakeModelInfo();
  const std::string state("state\0\xff", 7);
  EXPECT_EQ(ReadSavedStep(WriteSavedStep(state, model), model).value(), state);
}

TEST(SavedStep, AnyDamageIsSeen) {
  const diffusion::ModelInfo model = diffusion::FakeModelInfo();
  const std::string whole = WriteSavedStep("the state of a job", model);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string damaged = whole;
    damaged[i] ^= 0x10;
    const absl::StatusOr<std::string> read = ReadSavedStep(damaged, model);
    EXPECT_TRUE(absl::IsDataLoss(read.status())) << i;
    EXPECT_TRUE(absl::IsDataLoss(ReadSavedStep(whole.substr(0, i), model).status())) << i;
  }
}

TEST(SavedStep, AVersionThatIsNotKnownIsRefused) {
  const diffusion::ModelInfo model = diffusion::FakeModelInfo();
  internal::v1::SavedStep step;
  ASSERT_TRUE(step.ParseFromString(WriteSavedStep("state", model)));
  step.set_version(2);
  const absl::Status status = ReadSavedStep(step.SerializeAsString(), model).status();
  EXPECT_TRUE(absl::IsDataLoss(status));
  EXPECT_THAT(status.message(), HasSubstr("version"));
}

TEST(SavedStep, TheLargestThatABackendMayReturnFitsTheStore) {
  diffusion::ModelInfo model = diffusion::FakeModelInfo();
  const std::string largest(scheduler::kMaxStepBytes - kStepRecordBytes, 'x');
  EXPECT_LE(WriteSavedStep(largest, model).size(), scheduler::kMaxStepBytes);
}

}  // namespace
}  // namespace darkroom::worker
