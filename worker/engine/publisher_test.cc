#include "worker/engine/publisher.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "worker/engine/testing/engine_rig.h"

namespace darkroom::worker {
namespace {

using scheduler::Failed;
using scheduler::ImageEvent;
using scheduler::JobId;
using scheduler::JobState;
using scheduler::ProgressEvent;
using scheduler::Succeeded;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

// A rig of which only the publisher is pumped, with one job that is leased.
class PublisherTest : public ::testing::Test {
 protected:
  // Submits a job and leases it.
  std::shared_ptr<Lease> NewLease() {
    rig_.Submit({});
    return TakeFirst("worker-1");
  }

  std::shared_ptr<Lease> TakeFirst(const std::string& worker) {
    std::shared_ptr<Lease> lease;
    rig_.scheduler.Acquire({.worker = worker, .models = {"fake"}}, [&](auto jobs) {
      lease = std::make_shared<Lease>(scheduler::LeaseKey{jobs->at(0).id, jobs->at(0).fence},
                                      rig_.clock.Now());
    });
    return lease;
  }

  JobState StateOf(const std::shared_ptr<Lease>& lease) { return rig_.Get(lease->key().id).state; }

  EngineRig rig_;
  BreakableStore& store_ = rig_.store;
  Publisher& publisher_ = rig_.publisher;
  const std::shared_ptr<Lease> lease_ = NewLease();
  const JobId id_ = lease_->key().id;
};

TEST_F(PublisherTest, StoresEachPictureBeforeItsEventAndAllBeforeTheEnd) {
  publisher_.Image(lease_, 0, "png 0");
  publisher_.Image(lease_, 1, "png 1");
  publisher_.Finish(lease_, Succeeded{.result = "result"});
  EXPECT_FALSE(publisher_.idle());
  publisher_.Pump();
  EXPECT_THAT(store_.writes, ElementsAre("Put", "Append", "Put", "Append", "Finish"));
  EXPECT_EQ(StateOf(lease_), JobState::kSucceeded);
  EXPECT_EQ(rig_.Get(id_).result, "result");
  EXPECT_EQ(rig_.Result(id_, lease_->key().fence, 1), "png 1");
  EXPECT_THAT(rig_.EventsOf<ImageEvent>(id_), SizeIs(2));
  EXPECT_FALSE(lease_->open());
  EXPECT_FALSE(lease_->lost());
  EXPECT_TRUE(publisher_.idle());
}

TEST_F(PublisherTest, StoresAPreviewBeforeItsEvent) {
  publisher_.Preview(lease_, {.image = 0, .step = 2}, "jpeg");
  publisher_.Pump();
  EXPECT_THAT(store_.writes, ElementsAre("PutPreview", "Append"));
}

TEST_F(PublisherTest, SavesTheStepsOfJobsThatAreHandedBackOneAfterTheOther) {
  const std::shared_ptr<Lease> other = NewLease();
  store_.withholding_steps = true;
  for (const auto& lease : {lease_, other}) {
    publisher_.Step(lease, "step");
    publisher_.Release(lease);
  }
  EXPECT_EQ(publisher_.Pump(), absl::InfiniteDuration());
  EXPECT_THAT(store_.writes, ElementsAre("PutStep"));
  store_.withholding_steps = false;
  store_.DeliverStep();
  publisher_.Pump();
  EXPECT_THAT(store_.writes, UnorderedElementsAre("PutStep", "Release", "PutStep", "Release"));
  EXPECT_EQ(StateOf(lease_), JobState::kQueued);
  EXPECT_EQ(StateOf(other), JobState::kQueued);
  EXPECT_TRUE(publisher_.idle());
}

TEST_F(PublisherTest, RepeatsAWriteOnceTheStoreIsBack) {
  store_.failure = absl::UnavailableError("away");
  publisher_.Image(lease_, 0, "png");
  publisher_.Finish(lease_, Succeeded{});
  const absl::Duration pause = publisher_.Pump();
  EXPECT_GT(pause, absl::ZeroDuration());
  EXPECT_LE(pause, absl::Seconds(2));
  store_.failure = absl::OkStatus();
  publisher_.Pump();
  EXPECT_THAT(store_.writes, ElementsAre("Put")) << "nothing before the pause is over";
  EXPECT_FALSE(publisher_.idle());
  rig_.clock.Advance(pause);
  EXPECT_EQ(publisher_.Pump(), absl::InfiniteDuration());
  EXPECT_THAT(store_.writes, ElementsAre("Put", "Put", "Append", "Finish"));
  EXPECT_EQ(StateOf(lease_), JobState::kSucceeded);
  EXPECT_TRUE(publisher_.idle());
}

TEST_F(PublisherTest, WritesForAnAbsentStoreForeverButNeverFasterThanThePause) {
  store_.failure = absl::UnavailableError("away");
  publisher_.Finish(lease_, Succeeded{});
  for (int i = 0; i < 600; ++i) {
    publisher_.Pump();
    rig_.clock.Advance(absl::Seconds(1));
  }
  EXPECT_LE(store_.writes.size(), 310u);
  EXPECT_TRUE(lease_->open());
  store_.failure = absl::OkStatus();
  rig_.clock.Advance(absl::Seconds(2));
  publisher_.Pump();
  EXPECT_EQ(StateOf(lease_), JobState::kSucceeded);
}

TEST_F(PublisherTest, DropsTheRestOfAJobWhoseLeaseIsLost) {
  rig_.clock.Advance(2 * scheduler::LeaseStore::kLeaseDuration);
  rig_.scheduler.Reap(100, [](auto report) { EXPECT_EQ(report->requeued, 1); });
  const std::shared_ptr<Lease> successor = TakeFirst("worker-2");
  publisher_.Image(lease_, 0, "png");
  publisher_.Finish(lease_, Succeeded{});
  publisher_.Pump();
  EXPECT_TRUE(lease_->lost());
  EXPECT_TRUE(publisher_.idle());
  publisher_.Finish(lease_, Failed{});
  publisher_.Pump();
  EXPECT_THAT(store_.writes, ElementsAre("Put", "Append")) << "under the old fence";
  EXPECT_TRUE(publisher_.idle());
  EXPECT_EQ(StateOf(successor), JobState::kRunning);
  EXPECT_THAT(rig_.EventsOf<ImageEvent>(id_), IsEmpty());
  EXPECT_EQ(rig_.Result(id_, successor->key().fence, 0), "");
}

TEST_F(PublisherTest, FailsAJobWhosePictureIsRefused) {
  store_.put_failure = absl::InvalidArgumentError("too large");
  publisher_.Image(lease_, 0, "png");
  publisher_.Finish(lease_, Succeeded{});
  publisher_.Pump();
  EXPECT_THAT(store_.writes, ElementsAre("Put", "Finish"));
  EXPECT_EQ(StateOf(lease_), JobState::kFailed);
  EXPECT_EQ(rig_.Get(id_).failure.reason, "RESULT_NOT_STORED");
  EXPECT_FALSE(lease_->open());
}

TEST_F(PublisherTest, WaitsForRoomInTheStoreAsLongAsItsPatienceLasts) {
  store_.put_failure = absl::ResourceExhaustedError("full");
  const std::shared_ptr<Lease> unlucky = NewLease();
  publisher_.Image(lease_, 0, "png");
  publisher_.Finish(lease_, Succeeded{});
  publisher_.Pump();
  rig_.clock.Advance(absl::Seconds(10));
  publisher_.Image(unlucky, 0, "png");
  const auto pass = [this](absl::Duration time) {
    for (const absl::Time until = rig_.clock.Now() + time; rig_.clock.Now() < until;) {
      publisher_.Pump();
      rig_.clock.Advance(absl::Milliseconds(500));
    }
  };
  pass(Publisher::kStorePatience - absl::Seconds(12));
  EXPECT_EQ(StateOf(lease_), JobState::kRunning);
  pass(absl::Seconds(5));
  EXPECT_EQ(rig_.Get(id_).failure.reason, "RESULT_NOT_STORED");
  EXPECT_EQ(StateOf(unlucky), JobState::kRunning) << "it has failed for less long";
  store_.put_failure = absl::OkStatus();
  pass(absl::Seconds(3));
  EXPECT_EQ(rig_.Result(unlucky->key().id, unlucky->key().fence, 0), "png");
}

TEST_F(PublisherTest, LetsNoJobWaitForAnothersWrites) {
  const std::shared_ptr<Lease> other = NewLease();
  store_.put_failure = absl::ResourceExhaustedError("full");
  publisher_.Image(lease_, 0, "png");
  publisher_.Finish(lease_, Succeeded{});
  publisher_.Finish(other, scheduler::Cancelled{});
  publisher_.Pump();
  EXPECT_EQ(StateOf(lease_), JobState::kRunning);
  EXPECT_EQ(StateOf(other), JobState::kCancelled);
}

TEST_F(PublisherTest, HandsAJobBackWithoutWhatWasStillToBeWritten) {
  publisher_.Progress(lease_, {.step = 1, .steps = 4});
  publisher_.Image(lease_, 0, "png");
  publisher_.Release(lease_);
  publisher_.Pump();
  EXPECT_THAT(store_.writes, ElementsAre("Release"));
  EXPECT_EQ(StateOf(lease_), JobState::kQueued);
  EXPECT_EQ(rig_.Get(id_).attempts, 0);
  EXPECT_FALSE(lease_->open());
}

TEST_F(PublisherTest, LetsTheLeaseOfAJobLapseWhoseEndIsRefused) {
  store_.failure = absl::InvalidArgumentError("not an outcome");
  publisher_.Finish(lease_, Succeeded{});
  publisher_.Pump();
  EXPECT_FALSE(lease_->open()) << "it is renewed no more";
  EXPECT_TRUE(publisher_.idle());
  EXPECT_EQ(StateOf(lease_), JobState::kRunning);
}

TEST_F(PublisherTest, DropsARefusedPreviewAndGoesOn) {
  store_.failure = absl::InvalidArgumentError("too large");
  publisher_.Preview(lease_, {.image = 0, .step = 2}, "jpeg");
  publisher_.Pump();
  store_.failure = absl::OkStatus();
  publisher_.Progress(lease_, {.step = 4, .steps = 4});
  publisher_.Pump();
  EXPECT_TRUE(lease_->open());
  EXPECT_THAT(rig_.EventsOf<scheduler::PreviewEvent>(id_), IsEmpty());
  EXPECT_THAT(rig_.EventsOf<ProgressEvent>(id_), SizeIs(1));
}

}  // namespace
}  // namespace darkroom::worker
