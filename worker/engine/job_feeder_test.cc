#include "worker/engine/job_feeder.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "worker/engine/testing/engine_rig.h"

namespace darkroom::worker {
namespace {

using scheduler::JobId;
using scheduler::JobState;
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

}  // namespace
}  // namespace darkroom::worker
