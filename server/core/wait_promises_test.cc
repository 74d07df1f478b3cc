#include "server/core/wait_promises.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "darkroom/internal/v1/worker_record.pb.h"
#include "scheduler/testing/in_memory_fleet.h"
#include "scheduler/testing/in_memory_promise_meter.h"
#include "server/testing/manual_loop.h"
#include "server/testing/puppet_worker.h"

namespace darkroom::server {
namespace {

using scheduler::JobSnapshot;
using scheduler::JobState;

class WaitPromisesTest : public testing::Test {
 protected:
  WaitPromisesTest() {
    worker_.Announce();
    catalogue_->Start();
    promises_->Start();
    loop_.RunReady();
  }

  // One that waits behind this much work of one worker, whose throughput nobody has measured.
  static JobSnapshot Job(absl::Duration ahead, const std::string& id = "a") {
    JobSnapshot job;
    job.id = id;
    job.tier = "pro";
    job.model = "demo";
    job.position = 1;
    job.cost_ahead = ahead;
    return job;
  }

  scheduler::TierErrors Counted() {
    loop_.Advance(WaitPromises::kFlush);
    scheduler::PromiseErrors counted;
    meter_.ReadPromises([&counted](auto read) { counted = *std::move(read); });
    return counted["pro"];
  }

  ManualLoop loop_;
  scheduler::InMemoryScheduler scheduler_{&loop_.clock()};
  scheduler::InMemoryPromiseMeter meter_{&loop_.clock()};
  PuppetWorker worker_{scheduler_};
  std::shared_ptr<ModelCatalogue> catalogue_ =
      std::make_shared<ModelCatalogue>(loop_, scheduler_, "demo");
  scheduler::InMemoryFleet fleet_{&loop_.clock()};
  std::shared_ptr<FleetWatch> room_ = std::make_shared<FleetWatch>(loop_, fleet_, catalogue_);
  std::shared_ptr<WaitPromises> promises_ =
      std::make_shared<WaitPromises>(loop_, meter_, catalogue_, room_);
};

TEST_F(WaitPromisesTest, TheFirstAndTheNewestPromiseCountAgainstTheWholeWait) {
  EXPECT_EQ(promises_->Promise(Job(absl::Seconds(6))), absl::Seconds(6));
  loop_.Advance(absl::Seconds(4));
  EXPECT_EQ(promises_->Promise(Job(absl::Seconds(5))), absl::Seconds(5));  // 9 in all
  loop_.Advance(absl::Seconds(4));
  JobSnapshot taken = Job({});
  taken.state = JobState::kRunning;
  taken.started = loop_.clock().Now() + absl::Seconds(2);  // 10 in all
  EXPECT_EQ(promises_->Promise(taken), std::nullopt);
  const scheduler::TierErrors errors = Counted();
  EXPECT_EQ(errors.first.counts()[7], 1) << "0.4 off";
  EXPECT_EQ(errors.newest.counts()[2], 1) << "0.1 off";
  EXPECT_EQ(errors.first.total() + errors.newest.total(), 2);
}

TEST_F(WaitPromisesTest, AJobCountsOnceHoweverOftenItIsSeenToBeTaken) {
  (void)promises_->Promise(Job(absl::Seconds(6)));
  loop_.Advance(absl::Seconds(5));
  promises_->NoteTaken("a", loop_.clock().Now());
  promises_->NoteTaken("a", loop_.clock().Now());
  JobSnapshot requeued = Job(absl::Seconds(6));
  requeued.started = loop_.clock().Now();
  EXPECT_EQ(promises_->Promise(requeued), absl::Seconds(6)) << "its worker was lost";
  loop_.Advance(absl::Seconds(60));
  promises_->NoteTaken("a", loop_.clock().Now());
  EXPECT_EQ(Counted().first.total(), 1);
}

TEST_F(WaitPromisesTest, WhatNobodyWaitsForIsNotCounted) {
  (void)promises_->Promise(Job({}, "short"));
  loop_.Advance(absl::Milliseconds(900));
  promises_->NoteTaken("short", loop_.clock().Now());
  (void)promises_->Promise(Job(absl::Seconds(9), "cancelled"));
  JobSnapshot cancelled = Job({}, "cancelled");
  cancelled.state = JobState::kCancelled;
  (void)promises_->Promise(cancelled);
  (void)promises_->Promise(Job(absl::Seconds(9), ""));  // only foreseen
  loop_.Advance(absl::Seconds(9));
  promises_->NoteTaken("cancelled", loop_.clock().Now());
  promises_->NoteTaken("", loop_.clock().Now());
  EXPECT_EQ(Counted().first.total(), 0);
}

TEST_F(WaitPromisesTest, WhatIsOnlyForetoldIsNoPromise) {
  EXPECT_EQ(promises_->Foretell(Job(absl::Seconds(9))), absl::Seconds(9));
  loop_.Advance(absl::Seconds(9));
  promises_->NoteTaken("a", loop_.clock().Now());
  EXPECT_EQ(Counted().first.total(), 0);
}

TEST_F(WaitPromisesTest, EvenTheFirstOfTheQueueWaitsUntilAWorkerHasRoom) {
  darkroom::internal::v1::WorkerRecord record;
  record.set_version(1);
  record.mutable_worker()->mutable_time_until_room()->set_seconds(4);
  fleet_.ReportWorker({.worker = "full", .record = record.SerializeAsString()}, [](const auto&) {});
  room_->Start();
  loop_.RunReady();
  EXPECT_EQ(promises_->Foretell(Job({})), absl::Seconds(4));
  EXPECT_EQ(promises_->Foretell(Job(absl::Seconds(9))), absl::Seconds(13));
}

TEST_F(WaitPromisesTest, NothingIsForetoldOfAModelThatNobodyHasMeasured) {
  JobSnapshot job = Job(absl::Seconds(9));
  job.model = "other";
  EXPECT_EQ(promises_->Promise(job), std::nullopt);
}

TEST_F(WaitPromisesTest, OfTooManyJobsTheOnePromisedLongestAgoIsForgotten) {
  for (std::size_t i = 0; i <= WaitPromises::kMostJobs; ++i) {
    (void)promises_->Promise(Job(absl::Seconds(5), absl::StrCat(i)));
  }
  loop_.Advance(absl::Seconds(5));
  promises_->NoteTaken("0", loop_.clock().Now());
  EXPECT_EQ(Counted().first.total(), 0);
  promises_->NoteTaken("1", loop_.clock().Now());
  promises_->NoteTaken(absl::StrCat(WaitPromises::kMostJobs), loop_.clock().Now());
  EXPECT_EQ(Counted().first.total(), 2);
}

}  // namespace
}  // namespace darkroom::server
