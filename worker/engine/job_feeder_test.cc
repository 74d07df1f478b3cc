#include "worker/engine/job_feeder.h"

#include <algorithm>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "worker/engine/testing/engine_rig.h"

namespace darkroom::worker {
namespace {

using scheduler::JobId;
using scheduler::JobState;
using ::testing::ElementsAre;
using ::testing::SizeIs;

// A worker with room for 16 images whose model makes up to 8 a job.
class JobFeederTest : public ::testing::Test {
 protected:
  JobFeederTest() : rig_({}, {.max_rows = 16, .capacity = 16}) {}

  JobState StateOf(const JobId& id) { return rig_.Get(id).state; }

  EngineRig rig_;
  BreakableStore& store_ = rig_.store;
  JobFeeder& feeder_ = rig_.feeder;
};

TEST_F(JobFeederTest, AsksForNoMoreJobsThanAreSureToFit) {
  for (int i = 0; i < 4; ++i) rig_.Submit({.images = 8});
  EXPECT_EQ(feeder_.Pump(), absl::InfiniteDuration()) << "until rows are freed";
  ASSERT_THAT(store_.requests, SizeIs(1));
  EXPECT_EQ(store_.requests[0].limit, 2);
  EXPECT_EQ(store_.requests[0].worker, "worker-1");
  EXPECT_EQ(rig_.engine.free_rows(), 0);
  rig_.clock.Advance(absl::Hours(1));
  feeder_.Pump();
  EXPECT_THAT(store_.requests, SizeIs(1));
}

TEST_F(JobFeederTest, AsksForModelsThatAreLoadedBeforeOthers) {
  JobFeeder feeder({.worker = "worker-2",
                    .slack = {.affinity = absl::Seconds(7), .fill = absl::Seconds(3)},
                    .resident =
                        [] {
                          return std::vector<std::string>{"c", "b", "gone"};
                        }},
                   {.ids = {"a", "b", "c"}}, store_, store_, rig_.keeper, rig_.engine,
                   rig_.publisher, rig_.clock);
  feeder.Pump();
  ASSERT_THAT(store_.requests, SizeIs(1));
  const scheduler::LeaseRequest& request = store_.requests[0];
  EXPECT_THAT(request.models, ElementsAre("b", "c", "a"));
  EXPECT_EQ(request.resident, 2);
  EXPECT_EQ(request.affinity_slack, absl::Seconds(7));
  EXPECT_EQ(request.fill_slack, absl::Seconds(3));
}

TEST_F(JobFeederTest, WhereNobodyLoadsAllModelsAreThere) {
  feeder_.Pump();
  EXPECT_EQ(store_.requests.at(0).resident, 1);
}

TEST_F(JobFeederTest, FillsUpWithSmallJobsOneRequestAfterTheOther) {
  for (int i = 0; i < 20; ++i) rig_.Submit({.images = 1});
  feeder_.Pump();
  EXPECT_EQ(rig_.engine.free_rows(), 0);
  for (const scheduler::LeaseRequest& request : store_.requests) EXPECT_LE(request.limit, 2);
}

TEST_F(JobFeederTest, AsksAgainWhenRowsAreFreed) {
  std::vector<JobId> ids;
  for (int i = 0; i < 3; ++i) ids.push_back(rig_.Submit({.steps = 1, .images = 8}));
  feeder_.Pump();
  ASSERT_EQ(StateOf(ids[2]), JobState::kQueued);
  while (rig_.engine.free_rows() == 0) {
    rig_.keeper.Pump();
    rig_.engine.Tick();
  }
  feeder_.Pump();
  EXPECT_EQ(StateOf(ids[2]), JobState::kRunning);
}

TEST_F(JobFeederTest, AsksAtOnceWhenAJobIsQueued) {
  feeder_.Pump();
  const JobId id = rig_.Submit({});
  feeder_.Pump();
  EXPECT_EQ(StateOf(id), JobState::kRunning);
}

TEST_F(JobFeederTest, AsksWithinASecondWhenTheHintWasLost) {
  store_.losing_hints = true;
  feeder_.Pump();
  const JobId id = rig_.Submit({});
  const absl::Duration wait = feeder_.Pump();
  EXPECT_EQ(StateOf(id), JobState::kQueued);
  EXPECT_GE(wait, absl::Milliseconds(250));
  EXPECT_LE(wait, absl::Seconds(1));
  rig_.clock.Advance(wait);
  feeder_.Pump();
  EXPECT_EQ(StateOf(id), JobState::kRunning);
}

TEST_F(JobFeederTest, HasOneRequestUnderWayAtATime) {
  store_.withholding = true;
  rig_.Submit({});
  EXPECT_EQ(feeder_.Pump(), absl::InfiniteDuration());
  feeder_.NoteRowsFreed();
  rig_.clock.Advance(absl::Seconds(10));
  feeder_.Pump();
  EXPECT_THAT(store_.requests, SizeIs(1));
  store_.Deliver();
  feeder_.Pump();
  EXPECT_THAT(store_.requests, SizeIs(2));
  EXPECT_EQ(rig_.engine.free_rows(), 15);
}

TEST_F(JobFeederTest, TriesAgainLaterWhenTheStoreIsAway) {
  store_.failure = absl::UnavailableError("away");
  const JobId id = rig_.Submit({});
  const absl::Duration wait = feeder_.Pump();
  EXPECT_GE(wait, absl::Milliseconds(250));
  EXPECT_THAT(store_.requests, SizeIs(1));
  store_.failure = absl::OkStatus();
  rig_.clock.Advance(wait);
  feeder_.Pump();
  EXPECT_EQ(StateOf(id), JobState::kRunning);
}

TEST_F(JobFeederTest, RepeatsARequestUntilItsOutcomeIsKnown) {
  store_.withholding = true;
  const JobId id = rig_.Submit({});
  feeder_.Pump();
  ASSERT_EQ(StateOf(id), JobState::kRunning);
  store_.Lose();
  rig_.clock.Advance(feeder_.Pump());
  store_.withholding = false;
  store_.failure = absl::UnavailableError("away");
  rig_.clock.Advance(feeder_.Pump());
  store_.failure = absl::OkStatus();
  feeder_.Pump();
  EXPECT_EQ(rig_.engine.free_rows(), 15);
  EXPECT_EQ(rig_.Get(id).fence, 1);
  ASSERT_THAT(store_.requests, SizeIs(4));
  EXPECT_EQ(store_.requests[1].token, store_.requests[0].token);
  EXPECT_EQ(store_.requests[2].token, store_.requests[0].token);
  EXPECT_NE(store_.requests[3].token, store_.requests[0].token) << "the outcome is known";
}

TEST_F(JobFeederTest, LeasesNothingNewWhileAJobStandsStill) {
  rig_.Submit({});
  feeder_.Pump();
  rig_.clock.Advance(Lease::kStall * Lease::kFirstStall + absl::Seconds(1));
  const JobId other = rig_.Submit({});
  EXPECT_LE(feeder_.Pump(), absl::Seconds(1));
  EXPECT_EQ(StateOf(other), JobState::kQueued);
  rig_.engine.Tick();
  feeder_.Pump();
  EXPECT_EQ(StateOf(other), JobState::kRunning);
}

TEST_F(JobFeederTest, HandsBackOnDrainWhatALostAnswerHadLeased) {
  store_.withholding = true;
  const JobId id = rig_.Submit({});
  feeder_.Pump();
  feeder_.Drain();
  const JobId other = rig_.Submit({});
  feeder_.Pump();
  store_.Lose();
  store_.withholding = false;
  const absl::Duration wait = feeder_.Pump();
  EXPECT_FALSE(feeder_.drained());
  rig_.clock.Advance(wait);
  feeder_.Pump();
  EXPECT_TRUE(feeder_.drained());
  rig_.publisher.Pump();
  EXPECT_EQ(StateOf(id), JobState::kQueued);
  EXPECT_EQ(rig_.Get(id).attempts, 0);
  EXPECT_EQ(rig_.Get(other).fence, 0);
}

TEST_F(JobFeederTest, LeasesNothingNewWhenADrainRepeatsARequestThatNeverArrived) {
  store_.failure = absl::UnavailableError("away");
  feeder_.Pump();
  store_.failure = absl::OkStatus();
  feeder_.Drain();
  const JobId id = rig_.Submit({});
  feeder_.Pump();
  EXPECT_TRUE(feeder_.drained());
  EXPECT_THAT(store_.requests, SizeIs(2));
  EXPECT_EQ(rig_.Get(id).fence, 0);
}

TEST_F(JobFeederTest, DrainsWithoutAnOutcomeWhenTheStoreStaysAway) {
  store_.failure = absl::UnavailableError("away");
  feeder_.Pump();
  feeder_.Drain();
  const absl::Time start = rig_.clock.Now();
  for (int i = 0; i < 100 && !feeder_.drained(); ++i) {
    rig_.clock.Advance(std::min(feeder_.Pump(), absl::Seconds(1)));
  }
  EXPECT_TRUE(feeder_.drained());
  EXPECT_GE(rig_.clock.Now() - start, JobFeeder::kDrainPatience);
  EXPECT_LE(rig_.clock.Now() - start, JobFeeder::kDrainPatience + absl::Seconds(2));
}

TEST_F(JobFeederTest, HandsBackWhatADrainStillBrings) {
  store_.withholding = true;
  const JobId id = rig_.Submit({});
  feeder_.Pump();
  feeder_.Drain();
  feeder_.Pump();
  EXPECT_FALSE(feeder_.drained()) << "a request is under way";
  store_.Deliver();
  feeder_.Pump();
  EXPECT_TRUE(feeder_.drained());
  rig_.publisher.Pump();
  EXPECT_EQ(StateOf(id), JobState::kQueued);
  EXPECT_EQ(rig_.Get(id).attempts, 0);
  EXPECT_TRUE(rig_.engine.idle());
}

TEST_F(JobFeederTest, LeasesNothingOnceItDrains) {
  feeder_.Drain();
  const JobId id = rig_.Submit({});
  EXPECT_EQ(feeder_.Pump(), absl::InfiniteDuration());
  EXPECT_TRUE(feeder_.drained());
  EXPECT_THAT(store_.requests, SizeIs(0));
  EXPECT_EQ(StateOf(id), JobState::kQueued);
}

TEST_F(JobFeederTest, LeasesNothingNewWhileItIsPaused) {
  rig_.Submit({.images = 1});
  feeder_.Pump();
  ASSERT_THAT(feeder_.running(), SizeIs(1));
  const std::size_t asked = store_.requests.size();
  feeder_.SetPaused(true);
  rig_.Submit({.images = 1});
  EXPECT_EQ(feeder_.Pump(), absl::InfiniteDuration());
  rig_.clock.Advance(absl::Minutes(1));
  feeder_.Pump();
  EXPECT_THAT(store_.requests, SizeIs(asked));
  EXPECT_THAT(feeder_.running(), SizeIs(1));
  feeder_.SetPaused(false);
  feeder_.Pump();
  EXPECT_THAT(feeder_.running(), SizeIs(2));
}

TEST_F(JobFeederTest, TakesWhatARequestBeforeThePauseHasLeased) {
  rig_.Submit({.images = 1});
  store_.withholding = true;
  feeder_.Pump();
  feeder_.SetPaused(true);
  store_.Lose();
  store_.withholding = false;
  feeder_.Pump();
  rig_.clock.Advance(absl::Seconds(2));
  feeder_.Pump();
  ASSERT_THAT(store_.requests, SizeIs(2));
  EXPECT_EQ(store_.requests[1].token, store_.requests[0].token);
  EXPECT_THAT(store_.requests[1].models, testing::IsEmpty());
  EXPECT_THAT(feeder_.running(), SizeIs(1));
}

}  // namespace
}  // namespace darkroom::worker
