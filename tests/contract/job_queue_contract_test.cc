#include <set>
#include <string>
#include <vector>

#include "scheduler/core/refusal.h"
#include "tests/contract/contract_test.h"

namespace darkroom::scheduler {
namespace {

template <typename Store>
class JobQueueContract : public ContractTest<Store> {};
TYPED_TEST_SUITE(JobQueueContract, Stores, StoreNames);

TYPED_TEST(JobQueueContract, ASubmittedJobCanBeReadBackInFull) {
  Submission submission = NewJob();
  submission.deadline = this->store->Now() + absl::Hours(1);
  const SubmitOutcome outcome = this->calls->Submit(submission).value();
  EXPECT_TRUE(outcome.created);
  const JobSnapshot job = this->calls->Get("alice", submission.id).value();
  EXPECT_EQ(job.id, submission.id);
  EXPECT_EQ(job.tenant, "alice");
  EXPECT_EQ(job.tier, "standard");
  EXPECT_EQ(job.model, "demo");
  EXPECT_EQ(job.spec, submission.spec);
  EXPECT_EQ(job.state, JobState::kQueued);
  EXPECT_EQ(job.cost, submission.cost);
  EXPECT_EQ(job.deadline, absl::FromUnixMicros(absl::ToUnixMicros(submission.deadline)));
  EXPECT_LT(absl::AbsDuration(job.submitted - this->store->Now()), absl::Minutes(1));
  EXPECT_EQ(job.started, absl::InfiniteFuture());
  EXPECT_EQ(job.finished, absl::InfiniteFuture());
  EXPECT_EQ(job.forgotten, absl::InfiniteFuture());
  EXPECT_EQ(job.attempts, 0);
  EXPECT_EQ(job.position, 0);
  EXPECT_EQ(job.cost_ahead, absl::ZeroDuration());
  EXPECT_EQ(job.last_sequence, 2);
}

TYPED_TEST(JobQueueContract, PositionsCountTheQueuedJobsAheadOfAllModels) {
  this->Queue("alice", "demo");
  this->Queue("bob", "other");
  const JobId third = this->Queue("alice", "demo");
  JobSnapshot job = this->calls->Get("alice", third).value();
  EXPECT_EQ(job.position, 2);
  EXPECT_EQ(job.cost_ahead, absl::Seconds(3));
  ASSERT_EQ(this->calls->Acquire({"demo"}, 1).value().size(), 1u);
  job = this->calls->Get("alice", third).value();
  EXPECT_EQ(job.position, 1);
  EXPECT_EQ(job.cost_ahead, absl::Milliseconds(1500));
}

TYPED_TEST(JobQueueContract, AForeseenJobHasThePlaceThatItThenGetsAndIsNowhere) {
  this->Queue("alice", "demo");
  this->Queue("alice", "demo");
  this->Queue("bob", "other");
  Submission submission = NewJob("alice", "demo");
  submission.terms.max_queued = 5;
  submission.terms.daily_device_time = absl::Seconds(2);  // of which it takes 1.5
  for (int i = 0; i < 2; ++i) {
    const JobSnapshot foreseen = this->calls->Foresee(submission).value();
    EXPECT_EQ(foreseen.id, "");
    EXPECT_EQ(foreseen.tier, "standard");
    EXPECT_EQ(foreseen.spec, submission.spec);
    EXPECT_EQ(foreseen.cost, submission.cost);
    EXPECT_EQ(foreseen.position, 3);
    EXPECT_EQ(foreseen.cost_ahead, absl::Milliseconds(4500));
  }
  EXPECT_EQ(CodeOf(this->calls->Get("alice", submission.id)), absl::StatusCode::kNotFound);
  EXPECT_EQ(this->calls->Depth().value().queued, 3);
  EXPECT_EQ(this->calls->DepthByTier().value().at(0).queued_cost, absl::Milliseconds(4500));
  const JobSnapshot job = this->calls->Submit(submission).value().job;
  EXPECT_EQ(job.position, 3);
  EXPECT_EQ(job.cost_ahead, absl::Milliseconds(4500));
}

TYPED_TEST(JobQueueContract, AJobIsForeseenWhereNothingIsQueued) {
  const JobSnapshot foreseen = this->calls->Foresee(NewJob()).value();
  EXPECT_EQ(foreseen.position, 0);
  EXPECT_EQ(foreseen.cost_ahead, absl::ZeroDuration());
  EXPECT_TRUE(this->calls->DepthByTier().value().empty());
  EXPECT_TRUE(this->calls->Acquire({"demo"}, 1).value().empty());
}

TYPED_TEST(JobQueueContract, WhatWouldBeRefusedIsForeseenAsThat) {
  Submission first = NewJob();
  first.request_id = "r";
  first.request_digest = "d1";
  ASSERT_TRUE(this->calls->Submit(first).ok());
  Submission again = first;
  again.id = RandomId();
  EXPECT_EQ(this->calls->Foresee(again).value().id, first.id) << "the same request";
  again.request_digest = "d2";
  EXPECT_EQ(CodeOf(this->calls->Foresee(again)), absl::StatusCode::kAlreadyExists);
  Submission full = NewJob();
  full.max_queued = 1;
  EXPECT_EQ(RefusalOf(this->calls->Foresee(full).status())->cause, RefusalCause::kPoolFull);
  full.max_queued = 0;
  full.terms.max_queued = 1;
  EXPECT_EQ(RefusalOf(this->calls->Foresee(full).status())->cause, RefusalCause::kTenantQueueFull);
  full.terms.max_queued = 0;
  full.terms.daily_device_time = absl::Seconds(1);
  EXPECT_EQ(RefusalOf(this->calls->Foresee(full).status())->cause, RefusalCause::kDailyDeviceTime);
}

TYPED_TEST(JobQueueContract, WhatSucceedsWhileOthersWaitIsThroughput) {
  for (int i = 0; i < 3; ++i) this->Queue("alice", "demo");
  const JobId last = this->Queue("alice", "demo");
  EXPECT_EQ(this->calls->Get("alice", last).value().throughput.done, absl::ZeroDuration());
  const std::vector<LeasedJob> leased = this->calls->Acquire({"demo"}, 2).value();
  ASSERT_EQ(leased.size(), 2u);
  this->store->Pass(absl::Milliseconds(20));
  ASSERT_TRUE(this->calls->Finish({leased[0].id, leased[0].fence}, Succeeded{}).ok());
  ASSERT_TRUE(this->calls->Finish({leased[1].id, leased[1].fence}, Cancelled{}).ok());
  const Throughput throughput = this->calls->Get("alice", last).value().throughput;
  EXPECT_EQ(throughput.done, absl::Milliseconds(1500));
  EXPECT_GE(throughput.time, absl::Milliseconds(20));
  EXPECT_LE(throughput.time, absl::Minutes(1));
}

TYPED_TEST(JobQueueContract, ARepeatedRequestJoinsTheFirstJob) {
  Submission first = NewJob();
  first.request_id = "request 1";
  first.request_digest = "d1";
  ASSERT_TRUE(this->calls->Submit(first).value().created);
  Submission again = first;
  again.id = RandomId();
  const SubmitOutcome outcome = this->calls->Submit(again).value();
  EXPECT_FALSE(outcome.created);
  EXPECT_EQ(outcome.job.id, first.id);
  EXPECT_EQ(CodeOf(this->calls->Get("alice", again.id)), absl::StatusCode::kNotFound);
  EXPECT_EQ(this->calls->Depth().value().queued, 1);
}

TYPED_TEST(JobQueueContract, ARepeatedRequestJoinsAJobThatHasEnded) {
  Submission first = NewJob();
  first.request_id = "r";
  ASSERT_TRUE(this->calls->Submit(first).ok());
  ASSERT_TRUE(this->calls->Finish(KeyOf(this->Lease()), Succeeded{.result = "r"}).ok());
  Submission again = first;
  again.id = RandomId();
  const SubmitOutcome outcome = this->calls->Submit(again).value();
  EXPECT_FALSE(outcome.created);
  EXPECT_EQ(outcome.job.state, JobState::kSucceeded);
}

TYPED_TEST(JobQueueContract, ARequestIdWithOtherContentIsRefused) {
  Submission first = NewJob();
  first.request_id = "r";
  first.request_digest = "d1";
  ASSERT_TRUE(this->calls->Submit(first).ok());
  Submission other = NewJob();
  other.request_id = "r";
  other.request_digest = "d2";
  EXPECT_EQ(CodeOf(this->calls->Submit(other)), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(this->calls->Depth().value().queued, 1);
}

TYPED_TEST(JobQueueContract, RequestIdsOfTwoTenantsDoNotMeet) {
  for (const char* tenant : {"alice", "bob"}) {
    Submission submission = NewJob(tenant);
    submission.request_id = "r";
    submission.request_digest = tenant;
    EXPECT_TRUE(this->calls->Submit(submission).value().created);
  }
}

TYPED_TEST(JobQueueContract, TheSameSubmissionTwiceIsOneJobEvenWithoutARequestId) {
  const Submission submission = NewJob();
  ASSERT_TRUE(this->calls->Submit(submission).value().created);
  EXPECT_FALSE(this->calls->Submit(submission).value().created);
  EXPECT_EQ(this->calls->Depth().value().queued, 1);
}

TYPED_TEST(JobQueueContract, AFullQueueRefusesNewJobsButStillJoinsOldOnes) {
  Submission first = NewJob();
  first.request_id = "r";
  first.max_queued = 1;
  ASSERT_TRUE(this->calls->Submit(first).ok());
  Submission second = NewJob();
  second.max_queued = 1;
  EXPECT_EQ(CodeOf(this->calls->Submit(second)), absl::StatusCode::kResourceExhausted);
  first.id = RandomId();
  EXPECT_FALSE(this->calls->Submit(first).value().created);
  this->Lease();
  EXPECT_TRUE(this->calls->Submit(second).ok());
}

TYPED_TEST(JobQueueContract, NamesThatCannotBePartOfAKeyAreRefused) {
  EXPECT_EQ(CodeOf(this->calls->Submit(NewJob("ali:ce"))), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(CodeOf(this->calls->Submit(NewJob("alice", "a b"))),
            absl::StatusCode::kInvalidArgument);
}

TYPED_TEST(JobQueueContract, ForeignAndUnknownJobsAreNotFound) {
  const JobId id = this->Queue("alice");
  EXPECT_EQ(CodeOf(this->calls->Get("bob", id)), absl::StatusCode::kNotFound);
  EXPECT_EQ(CodeOf(this->calls->Cancel("bob", id)), absl::StatusCode::kNotFound);
  EXPECT_EQ(CodeOf(this->calls->Get("alice", RandomId())), absl::StatusCode::kNotFound);
  EXPECT_EQ(CodeOf(this->calls->Cancel("alice", RandomId())), absl::StatusCode::kNotFound);
  EXPECT_EQ(CodeOf(this->calls->Get("alice", "../../etc/passwd")), absl::StatusCode::kNotFound);
  EXPECT_EQ(this->StateOf(id), JobState::kQueued);
}

TYPED_TEST(JobQueueContract, PagesCoverATenantsJobsNewestFirst) {
  std::vector<JobId> submitted;
  for (int i = 0; i < 5; ++i) {
    submitted.insert(submitted.begin(), this->Queue("alice"));
    this->Queue("bob");
  }
  std::vector<JobId> listed;
  std::string after;
  int pages = 0;
  do {
    const JobPage page = this->calls->List("alice", after, 2).value();
    EXPECT_LE(page.jobs.size(), 2u);
    for (const JobSnapshot& job : page.jobs) listed.push_back(job.id);
    after = page.next;
    ++pages;
  } while (!after.empty());
  EXPECT_EQ(listed, submitted);
  EXPECT_EQ(pages, 3);
}

TYPED_TEST(JobQueueContract, ListRefusesForeignTokensAndLimits) {
  EXPECT_EQ(CodeOf(this->calls->List("alice", "+inf", 10)), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(CodeOf(this->calls->List("alice", "", 0)), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(CodeOf(this->calls->List("alice", "", 101)), absl::StatusCode::kInvalidArgument);
  const JobPage page = this->calls->List("nobody", "", 10).value();
  EXPECT_TRUE(page.jobs.empty());
  EXPECT_EQ(page.next, "");
}

TYPED_TEST(JobQueueContract, AQueuedJobIsCancelledAtOnce) {
  const JobId id = this->Queue();
  const JobSnapshot job = this->calls->Cancel("alice", id).value();
  EXPECT_EQ(job.state, JobState::kCancelled);
  EXPECT_EQ(job.position, -1);
  EXPECT_EQ(job.forgotten - job.finished, absl::Hours(1));
  EXPECT_TRUE(this->calls->Acquire({"demo"}, 10).value().empty());
  EXPECT_EQ(this->calls->Depth().value().queued, 0);
  EXPECT_EQ(this->calls->Depth().value().queued_cost, absl::ZeroDuration());
}

TYPED_TEST(JobQueueContract, ARunningJobIsAskedToStop) {
  const JobId id = this->Queue();
  const LeasedJob lease = this->Lease();
  JobSnapshot job = this->calls->Cancel("alice", id).value();
  EXPECT_EQ(job.state, JobState::kRunning);
  EXPECT_TRUE(job.cancel_requested);
  const std::int64_t sequence = job.last_sequence;
  EXPECT_EQ(this->calls->Renew({KeyOf(lease)}).value().at(0), LeaseStatus::kCancelRequested);
  ASSERT_TRUE(this->calls->Finish(KeyOf(lease), Cancelled{}).ok());
  job = this->calls->Get("alice", id).value();
  EXPECT_EQ(job.state, JobState::kCancelled);
  EXPECT_EQ(job.last_sequence, sequence + 1);
}

TYPED_TEST(JobQueueContract, CancellingAnEndedJobChangesNothing) {
  const JobId id = this->Queue();
  ASSERT_TRUE(this->calls->Finish(KeyOf(this->Lease()), Succeeded{.result = "r"}).ok());
  const JobSnapshot before = this->calls->Get("alice", id).value();
  const JobSnapshot after = this->calls->Cancel("alice", id).value();
  EXPECT_EQ(after.state, JobState::kSucceeded);
  EXPECT_EQ(after.last_sequence, before.last_sequence);
  EXPECT_FALSE(after.cancel_requested);
}

TYPED_TEST(JobQueueContract, DepthFollowsEveryMove) {
  for (int i = 0; i < 3; ++i) this->Queue();
  QueueDepth depth = this->calls->Depth().value();
  EXPECT_EQ(depth.queued, 3);
  EXPECT_EQ(depth.queued_cost, absl::Milliseconds(4500));
  const LeasedJob lease = this->Lease();
  depth = this->calls->Depth().value();
  EXPECT_EQ(depth.queued, 2);
  EXPECT_EQ(depth.running, 1);
  EXPECT_EQ(depth.queued_cost, absl::Seconds(3));
  ASSERT_TRUE(this->calls->Release(KeyOf(lease)).ok());
  depth = this->calls->Depth().value();
  EXPECT_EQ(depth.queued, 3);
  EXPECT_EQ(depth.running, 0);
  EXPECT_EQ(depth.queued_cost, absl::Milliseconds(4500));
}

TYPED_TEST(JobQueueContract, AnEndedJobIsForgottenWithAllThatBelongsToIt) {
  const absl::Duration retention = absl::Milliseconds(300);
  this->UseOptions({.retention = retention});
  Submission submission = NewJob();
  submission.request_id = "r";
  ASSERT_TRUE(this->calls->Submit(submission).ok());
  const LeasedJob lease = this->Lease();
  ASSERT_TRUE(this->calls->PutPreview(KeyOf(lease), 0, "jpeg").ok());
  ASSERT_TRUE(this->calls->Finish(KeyOf(lease), Failed{{"BAD", ""}}).ok());
  this->store->Pass(2 * retention);
  EXPECT_EQ(CodeOf(this->calls->Get("alice", submission.id)), absl::StatusCode::kNotFound);
  EXPECT_TRUE(this->calls->Read(submission.id, 0).value().empty());
  EXPECT_EQ(CodeOf(this->calls->GetPreview(submission.id, 0)), absl::StatusCode::kNotFound);
  EXPECT_TRUE(this->calls->List("alice", "", 10).value().jobs.empty());
  ASSERT_TRUE(this->calls->Reap().ok());
  EXPECT_TRUE(this->calls->List("alice", "", 10).value().jobs.empty());
  submission.id = RandomId();
  EXPECT_TRUE(this->calls->Submit(submission).value().created);
}

TYPED_TEST(JobQueueContract, EachTierTellsWhatWaitsAndSinceWhen) {
  EXPECT_TRUE(this->calls->DepthByTier().value().empty());
  Submission slow = NewJob("bob");
  slow.terms = {.tier = "slow", .weight = 3};
  const JobId first = this->Queue();
  ASSERT_TRUE(this->calls->Submit(slow).ok());
  this->Queue("carol");
  this->Queue();
  const std::vector<TierDepth> depths = this->calls->DepthByTier().value();
  ASSERT_EQ(depths.size(), 2u);
  EXPECT_EQ(depths[0].tier, "slow");
  EXPECT_EQ(depths[0].weight, 3);
  EXPECT_EQ(depths[0].queued, 1);
  EXPECT_EQ(depths[0].oldest, this->calls->Get("bob", slow.id).value().submitted);
  EXPECT_EQ(depths[1].tier, "standard");
  EXPECT_EQ(depths[1].weight, 1);
  EXPECT_EQ(depths[1].queued, 3);
  EXPECT_EQ(depths[1].queued_cost, absl::Milliseconds(4500));
  EXPECT_EQ(depths[1].oldest, this->calls->Get("alice", first).value().submitted);
  ASSERT_EQ(this->calls->Acquire({"demo"}, 10).value().size(), 4u);
  EXPECT_TRUE(this->calls->DepthByTier().value().empty());
}

TYPED_TEST(JobQueueContract, EachTierTellsWhatWaitsForEachModel) {
  const JobId first = this->Queue("alice", "zebra");
  this->Queue("alice", "zebra");
  this->Queue("bob", "zebra");
  const JobId other = this->Queue("bob", "ant");
  Submission slow = NewJob("carol", "zebra");
  slow.terms = {.tier = "slow"};
  ASSERT_TRUE(this->calls->Submit(slow).ok());
  const auto submitted = [this](const std::string& tenant, const JobId& id) {
    return this->calls->Get(tenant, id).value().submitted;
  };
  const std::vector<TierDepth> depths = this->calls->DepthByTier().value();
  ASSERT_EQ(depths.size(), 2u);
  EXPECT_THAT(depths[0].models,
              testing::ElementsAre(ModelDepth{"zebra", 1, submitted("carol", slow.id)}));
  EXPECT_THAT(depths[1].models,
              testing::ElementsAre(ModelDepth{"ant", 1, submitted("bob", other)},
                                   ModelDepth{"zebra", 3, submitted("alice", first)}));
}

}  // namespace
}  // namespace darkroom::scheduler
