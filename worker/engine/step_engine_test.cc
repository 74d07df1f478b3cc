#include "worker/engine/step_engine.h"

#include <algorithm>
#include <map>

#include "darkroom/internal/v1/job_record.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "worker/engine/testing/engine_rig.h"

namespace darkroom::worker {
namespace {

using scheduler::ImageEvent;
using scheduler::JobId;
using scheduler::JobState;
using scheduler::PreviewEvent;
using scheduler::ProgressEvent;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

TEST(StepEngine, MakesAPictureAndItsRecord) {
  EngineRig rig;
  const JobId id = rig.Submit({.prompt = "a boat", .steps = 3, .images = 2, .seed = 41});
  rig.RunDry();
  const scheduler::JobSnapshot job = rig.Get(id);
  ASSERT_EQ(job.state, JobState::kSucceeded);
  internal::v1::JobResult result;
  ASSERT_TRUE(result.ParseFromString(job.result));
  ASSERT_THAT(result.images(), SizeIs(2));
  EXPECT_EQ(result.images(1).index(), 1);
  EXPECT_EQ(result.images(1).seed(), 42);
  EXPECT_EQ(result.images(1).mime_type(), "image/png");
  EXPECT_THAT(result.images(1).infotext(), HasSubstr("Seed: 42, Size: 64x64"));
  const std::string png = rig.Result(id, job.fence, 1);
  EXPECT_EQ(png.substr(1, 3), "PNG");
  EXPECT_EQ(static_cast<std::int64_t>(png.size()), result.images(1).size_bytes());
  EXPECT_NE(png, rig.Result(id, job.fence, 0));
  EXPECT_THAT(rig.EventsOf<ImageEvent>(id), SizeIs(2));
}

TEST(StepEngine, RunsJobsOfDifferentStepsInOneForward) {
  EngineRig rig;
  const JobId two = rig.Submit({.prompt = "two", .steps = 2});
  const JobId three = rig.Submit({.prompt = "three", .steps = 3});
  rig.RunDry();
  EXPECT_THAT(rig.Batches(),
              ElementsAre(UnorderedElementsAre("two", "three"),
                          UnorderedElementsAre("two", "three"), ElementsAre("three")));
  EXPECT_EQ(rig.Get(two).state, JobState::kSucceeded);
  EXPECT_EQ(rig.Get(three).state, JobState::kSucceeded);
}

TEST(StepEngine, LetsALateJobJoinAtTheNextStep) {
  EngineRig rig;
  rig.Submit({.prompt = "early", .steps = 4});
  rig.Tick();
  rig.Submit({.prompt = "late", .steps = 1});
  rig.Tick();
  EXPECT_THAT(rig.Batches(),
              ElementsAre(ElementsAre("early"), UnorderedElementsAre("early", "late")));
}

TEST(StepEngine, KeepsAJobWhoseModelWaitsForRoomAndThoseBehindIt) {
  absl::Status room;
  EngineRig rig({.refusal = [&room] { return room; }});
  const JobId first = rig.Submit({.prompt = "first", .steps = 3});
  rig.Tick();
  room = absl::UnavailableError("no room");
  const JobId second = rig.Submit({.prompt = "second", .steps = 1});
  const JobId third = rig.Submit({.prompt = "third", .steps = 1});
  for (int i = 0; i < 3; ++i) rig.Tick();
  EXPECT_EQ(rig.Get(first).state, JobState::kSucceeded);
  EXPECT_EQ(rig.Get(second).state, JobState::kRunning);
  rig.clock.Advance(Lease::kStall * Lease::kFirstStall + absl::Seconds(1));
  EXPECT_TRUE(rig.Tick()) << "they wait, and their leases are kept";
  room = absl::OkStatus();
  rig.RunDry();
  EXPECT_EQ(rig.Get(second).state, JobState::kSucceeded);
  EXPECT_EQ(rig.Get(third).state, JobState::kSucceeded);
  EXPECT_EQ(rig.Get(third).attempts, 1);
}

TEST(StepEngine, FailsAJobWhoseModelCannotBeLoaded) {
  EngineRig rig({.refusal = [] { return absl::FailedPreconditionError("x.safetensors is cut"); }});
  const JobId job = rig.Submit({});
  rig.RunDry();
  EXPECT_EQ(rig.Get(job).failure.reason, "MODEL_NOT_LOADED");
  EXPECT_EQ(rig.Get(job).failure.message, "x.safetensors is cut");
}

TEST(StepEngine, NeverMixesSizesAndServesBoth) {
  EngineRig rig;
  const JobId small = rig.Submit({.prompt = "small", .steps = 4, .size = 64});
  const JobId large = rig.Submit({.prompt = "large", .steps = 4, .size = 128});
  rig.RunDry();
  EXPECT_THAT(rig.Batches(), SizeIs(8));
  EXPECT_EQ(rig.Get(small).state, JobState::kSucceeded);
  EXPECT_EQ(rig.Get(large).state, JobState::kSucceeded);
}

TEST(StepEngine, LeasesNoMoreThanItHasRoomFor) {
  EngineRig rig({}, {.max_rows = 4, .capacity = 4});
  for (int i = 0; i < 10; ++i) rig.Submit({.steps = 2});
  rig.Tick();
  EXPECT_EQ(rig.engine.free_rows(), 0);
  EXPECT_THAT(rig.Batches(), ElementsAre(SizeIs(4)));
  rig.RunDry();
}

TEST(StepEngine, StopsACancelledJobBeforeItsNextStep) {
  EngineRig rig({.time_per_row = absl::Seconds(1)});
  const JobId id = rig.Submit({.prompt = "stop", .steps = 50});
  const JobId other = rig.Submit({.prompt = "go on", .steps = 3});
  rig.Tick();
  rig.Cancel(id);
  rig.Tick();
  EXPECT_EQ(rig.Get(id).state, JobState::kCancelled);
  EXPECT_GE(rig.Get(id).device_time, absl::Seconds(1)) << "what it had is charged";
  rig.RunDry();
  EXPECT_EQ(rig.Get(other).state, JobState::kSucceeded);
  EXPECT_THAT(rig.Batches()[1], ElementsAre("go on"));
}

TEST(StepEngine, HalvesTheForwardWhenMemoryRunsOut) {
  EngineRig rig({.memory_rows = 3});
  std::vector<JobId> ids;
  for (int i = 0; i < 8; ++i) ids.push_back(rig.Submit({.steps = 3}));
  rig.RunDry();
  for (const JobId& id : ids) EXPECT_EQ(rig.Get(id).state, JobState::kSucceeded);
  for (const auto& batch : rig.Batches()) EXPECT_LE(batch.size(), 3u);
  EXPECT_THAT(rig.Batches()[0], SizeIs(2));
}

TEST(StepEngine, FailsOnlyTheJobThatDoesNotFitAlone) {
  EngineRig rig({.memory_rows = 2});
  const JobId large = rig.Submit({.prompt = "large", .images = 4});
  const JobId small = rig.Submit({.prompt = "small"});
  rig.RunDry();
  EXPECT_EQ(rig.Get(large).state, JobState::kFailed);
  EXPECT_EQ(rig.Get(large).failure.reason, "OUT_OF_MEMORY");
  EXPECT_EQ(rig.Get(small).state, JobState::kSucceeded);
}

TEST(StepEngine, FailsOnlyTheJobWhoseValuesAreNotFinite) {
  EngineRig rig({.nan_word = "cursed"});
  const JobId bad = rig.Submit({.prompt = "a cursed picture"});
  const JobId good = rig.Submit({.prompt = "a good picture"});
  rig.RunDry();
  EXPECT_EQ(rig.Get(bad).state, JobState::kFailed);
  EXPECT_EQ(rig.Get(bad).failure.reason, "NUMERICAL_ERROR");
  EXPECT_EQ(rig.Get(good).state, JobState::kSucceeded);
}

TEST(StepEngine, FailsAJobThatTheModelRefuses) {
  EngineRig rig;
  const JobId id = rig.Submit({.steps = 100000});
  rig.RunDry();
  EXPECT_EQ(rig.Get(id).state, JobState::kFailed);
  EXPECT_EQ(rig.Get(id).failure.reason, "INVALID_REQUEST");
}

TEST(StepEngine, FailsAJobWhoseSpecificationCannotBeRead) {
  EngineRig rig;
  auto lease = std::make_shared<Lease>(scheduler::LeaseKey{"0", 1}, rig.clock.Now());
  rig.engine.Admit(
      {.id = "0", .fence = 1, .tenant = "", .tier = "standard", .model = "fake", .spec = "broken"},
      lease);
  EXPECT_TRUE(rig.engine.idle());
  EXPECT_FALSE(rig.publisher.idle());
}

TEST(StepEngine, ExpiresAJobAtItsDeadline) {
  EngineRig rig({.time_per_row = absl::Seconds(1)});
  const JobId id =
      rig.Submit({.steps = 50, .deadline = rig.clock.Now() + absl::Milliseconds(2500)});
  rig.RunDry();
  EXPECT_EQ(rig.Get(id).state, JobState::kExpired);
  EXPECT_THAT(rig.Batches(), SizeIs(3));
}

TEST(StepEngine, WritesNothingOnceTheLeaseIsLost) {
  EngineRig rig({.time_per_row = absl::Seconds(1)});
  const JobId id = rig.Submit({.steps = 30, .preview_interval = 1});
  rig.Tick();
  // The worker seems dead to the reaper, and another one takes the job.
  rig.clock.Advance(scheduler::LeaseStore::kLeaseDuration * 2);
  rig.scheduler.Reap(100, [](auto report) { EXPECT_EQ(report->requeued, 1); });
  rig.scheduler.Acquire({.worker = "worker-2", .models = {"fake"}, .limit = 1},
                        [](auto jobs) { EXPECT_THAT(*jobs, SizeIs(1)); });
  const std::size_t events = rig.Events(id).size();
  rig.RunDry();
  EXPECT_THAT(rig.Events(id), SizeIs(events));
  EXPECT_EQ(rig.Get(id).state, JobState::kRunning);
  EXPECT_EQ(rig.Get(id).worker, "worker-2");
  EXPECT_EQ(rig.Result(id, 1, 0), "");
  EXPECT_TRUE(rig.engine.idle());
  const std::size_t writes = rig.store.writes.size();
  rig.clock.Advance(absl::Minutes(1));
  rig.Tick();
  EXPECT_THAT(rig.store.writes, SizeIs(writes));
}

TEST(StepEngine, ReportsProgressAtMostFourTimesASecondAndTheLastStep) {
  EngineRig rig({.time_per_row = absl::Milliseconds(10)});
  const JobId id = rig.Submit({.steps = 120});
  rig.RunDry();
  const std::vector<ProgressEvent> progress = rig.EventsOf<ProgressEvent>(id);
  ASSERT_GE(progress.size(), 5u);
  EXPECT_LE(progress.size(), 6u);  // 1.2 s
  EXPECT_EQ(progress.front().step, 1);
  EXPECT_EQ(progress.back().step, 120);
  EXPECT_EQ(progress.back().time_left, absl::ZeroDuration());
  EXPECT_EQ(progress[2].time_left, absl::Milliseconds(10) * (120 - progress[2].step));
}

TEST(StepEngine, PreviewsAtTheAskedInterval) {
  EngineRig rig({.time_per_row = absl::Seconds(1)});
  const JobId id = rig.Submit({.steps = 10, .preview_interval = 4});
  const JobId without = rig.Submit({.steps = 10, .preview_interval = 0});
  rig.RunDry();
  std::vector<int> steps;
  for (const PreviewEvent& preview : rig.EventsOf<PreviewEvent>(id)) steps.push_back(preview.step);
  EXPECT_THAT(steps, ElementsAre(4, 8));
  EXPECT_EQ(std::count(rig.store.writes.begin(), rig.store.writes.end(), "PutPreview"), 2);
  EXPECT_THAT(rig.EventsOf<PreviewEvent>(without), IsEmpty());
}

TEST(StepEngine, ComputesOnWhileTheStoreIsAwayAndWritesLater) {
  EngineRig rig;
  const JobId id = rig.Submit({.steps = 5});
  rig.Tick();
  rig.store.failure = absl::UnavailableError("away");
  rig.RunDry();
  EXPECT_THAT(rig.Batches(), SizeIs(5));
  EXPECT_EQ(rig.Get(id).state, JobState::kRunning);
  rig.store.failure = absl::OkStatus();
  rig.clock.Advance(absl::Seconds(3));
  rig.Pump();
  EXPECT_EQ(rig.Get(id).state, JobState::kSucceeded);
  EXPECT_EQ(rig.EventsOf<ProgressEvent>(id).back().step, 5);
  EXPECT_TRUE(rig.publisher.idle());
}

TEST(StepEngine, FailsAJobWhosePicturesTheStoreHasNoRoomFor) {
  EngineRig rig;
  rig.store.put_failure = absl::ResourceExhaustedError("full");
  const JobId id = rig.Submit({.steps = 1});
  rig.RunDry();
  for (int i = 0; i < 40; ++i) {
    if (i < 30) {
      EXPECT_EQ(rig.Get(id).state, JobState::kRunning) << i;
    }
    rig.clock.Advance(absl::Seconds(1));
    rig.Pump();
  }
  EXPECT_EQ(rig.Get(id).state, JobState::kFailed);
  EXPECT_EQ(rig.Get(id).failure.reason, "RESULT_NOT_STORED");
}

TEST(StepEngine, HandsBackOnDrainWhatCannotBeDoneInTime) {
  EngineRig rig({.time_per_row = absl::Seconds(1)});
  const JobId quick = rig.Submit({.prompt = "quick", .steps = 5});
  const JobId slow = rig.Submit({.prompt = "slow", .steps = 100});
  rig.Tick();
  rig.Tick();
  rig.feeder.Drain();
  rig.engine.Drain(rig.clock.Now() + absl::Seconds(20));
  const JobId late = rig.Submit({.prompt = "late"});
  rig.RunDry();
  EXPECT_EQ(rig.Get(quick).state, JobState::kSucceeded);
  EXPECT_EQ(rig.Get(slow).state, JobState::kQueued);
  EXPECT_EQ(rig.Get(slow).attempts, 0);
  EXPECT_EQ(rig.Get(late).state, JobState::kQueued);
  EXPECT_EQ(rig.Get(late).fence, 0);
  EXPECT_TRUE(rig.feeder.drained());
}

TEST(StepEngine, ChargesEachJobItsShareOfTheDeviceTime) {
  EngineRig rig({.time_to_start = absl::Milliseconds(7),
                 .time_per_forward = absl::Milliseconds(30),
                 .time_per_row = absl::Milliseconds(10),
                 .time_to_decode = absl::Milliseconds(5)});
  const JobId two = rig.Submit({.steps = 2});
  const JobId three = rig.Submit({.steps = 3});
  const absl::Time start = rig.clock.Now();
  rig.RunDry();
  // Two forwards of two rows, 50 ms each, are shared; the third, of 40 ms, is the longer job's.
  EXPECT_EQ(rig.Get(two).device_time, absl::Milliseconds(7 + 25 + 25 + 5));
  EXPECT_EQ(rig.Get(three).device_time, absl::Milliseconds(7 + 25 + 25 + 40 + 5));
  EXPECT_EQ(rig.Get(two).device_time + rig.Get(three).device_time, rig.clock.Now() - start);
}

TEST(StepEngine, MeasuresTheTimeOfAStepPerImage) {
  EngineRig rig({.time_per_row = absl::Milliseconds(100)});
  rig.Submit({.steps = 5, .images = 3});
  rig.Submit({.steps = 5});
  rig.RunDry();
  EXPECT_EQ(rig.meter.step("fake"), absl::Milliseconds(100));
}

TEST(StepEngine, TellsEachModelWhatItsPromptsMayCall) {
  EngineRig rig;
  const diffusion::AdapterFiles files = {.loras = {{"detail", "/loras/detail.safetensors"}},
                                         .embeddings = {}};
  rig.engine.SetAdapters([&](absl::string_view family) {
    return family == rig.backend.info().family ? files : diffusion::AdapterFiles();
  });
  EXPECT_TRUE(rig.backend.adapters().loras.empty()) << "not on another thread than the device's";
  rig.engine.Tick();
  EXPECT_EQ(rig.backend.adapters(), files);
  auto later = std::make_unique<diffusion::FakeBackend>(diffusion::FakeBackendOptions{});
  const diffusion::FakeBackend& added = *later;
  rig.engine.ChangeModels({.added = OneModel("later", std::move(later))});
  rig.engine.Tick();
  EXPECT_EQ(added.adapters(), files);
}

std::unique_ptr<diffusion::FakeBackend> MakeFake(const std::string& hash) {
  diffusion::FakeBackendOptions options;
  options.info.hash = hash;
  return std::make_unique<diffusion::FakeBackend>(std::move(options));
}

TEST(StepEngine, AJobKeepsItsModelWhenItsFileIsReplacedAndTheNextHasTheNewOne) {
  EngineRig rig({.info = MakeFake("old")->info()});
  const JobId before = rig.Submit({.prompt = "before", .steps = 3});
  rig.Tick();
  auto replacement = MakeFake("new");
  const diffusion::FakeBackend& fresh = *replacement;
  rig.engine.ChangeModels({.added = OneModel("fake", std::move(replacement))});
  const JobId after = rig.Submit({.prompt = "after", .steps = 3});
  rig.RunDry();
  for (const auto& [id, hash] :
       {std::pair(before, "Model hash: old"), std::pair(after, "Model hash: new")}) {
    ASSERT_EQ(rig.Get(id).state, JobState::kSucceeded);
    internal::v1::JobResult result;
    ASSERT_TRUE(result.ParseFromString(rig.Get(id).result));
    EXPECT_THAT(result.images(0).infotext(), HasSubstr(hash));
  }
  for (const auto& batch : fresh.batches()) EXPECT_THAT(batch, SizeIs(1)) << "not with the old one";
}

TEST(StepEngine, HandsBackTheJobsThatWaitForAModelWhichHasGoneAndFinishesThoseThatRun) {
  absl::Status room;
  EngineRig rig({.refusal = [&room] { return room; }});
  const JobId running = rig.Submit({.steps = 3});
  rig.Tick();
  room = absl::UnavailableError("no room");
  const JobId waiting = rig.Submit({.steps = 3});
  rig.Tick();
  rig.feeder.SetModels({});
  rig.engine.ChangeModels({.gone = {"fake"}});
  rig.RunDry();
  EXPECT_EQ(rig.Get(running).state, JobState::kSucceeded);
  EXPECT_EQ(rig.Get(waiting).state, JobState::kQueued);
  EXPECT_EQ(rig.Get(waiting).attempts, 0);
}

TEST(StepEngine, AJobWhoseModelIsBeingReplacedWaitsAndHoldsNobodyUp) {
  bool replaced = true;
  EngineRig rig({.refusal = [&replaced] {
    return replaced ? absl::AbortedError("replaced") : absl::OkStatus();
  }});
  rig.engine.ChangeModels({.added = OneModel("other", MakeFake("other"))});
  rig.feeder.SetModels({.ids = {"fake", "other"}, .max_images = 1});
  const JobId waiting = rig.Submit({.steps = 1});
  const JobId behind = rig.Submit({.steps = 1, .model = "other"});
  for (int i = 0; i < 3; ++i) rig.Tick();
  EXPECT_EQ(rig.Get(behind).state, JobState::kSucceeded);
  EXPECT_EQ(rig.Get(waiting).state, JobState::kRunning);
  rig.clock.Advance(Lease::kStall * Lease::kFirstStall + absl::Seconds(1));
  EXPECT_TRUE(rig.Tick()) << "its lease is kept";
  replaced = false;
  rig.RunDry();
  EXPECT_EQ(rig.Get(waiting).state, JobState::kSucceeded);
}

TEST(StepEngine, PartsOfAPromptAreChargedToTheJobAndNotToTheMeasuredStep) {
  EngineRig rig({.time_per_forward = absl::Milliseconds(60)});
  const scheduler::JobId plain = rig.Submit({.prompt = "a cat", .steps = 2});
  const scheduler::JobId composed = rig.Submit({.prompt = "a AND b AND c", .steps = 2});
  rig.RunDry();
  // Two rows of six, and four.
  EXPECT_EQ(rig.Get(plain).device_time, absl::Milliseconds(2 * 20));
  EXPECT_EQ(rig.Get(composed).device_time, absl::Milliseconds(2 * 40));
  // Six rows are three images' worth.
  EXPECT_EQ(rig.meter.step("fake"), absl::Milliseconds(20));
}

}  // namespace
}  // namespace darkroom::worker
