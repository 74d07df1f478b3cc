#include <string>
#include <vector>

#include "tests/contract/contract_test.h"

namespace darkroom::scheduler {
namespace {

constexpr absl::Duration kShort = absl::Milliseconds(200);

template <typename Store>
class LeaseContract : public ContractTest<Store> {
 protected:
  // Leases the first job and lets the lease lapse.
  LeasedJob LeaseAndLose() {
    LeasedJob lease = this->Lease("worker-lost");
    this->store->Pass(kShort + absl::Milliseconds(50));
    return lease;
  }
  std::vector<JobId> AcquireIds(std::vector<std::string> models, int limit) {
    const std::vector<LeasedJob> jobs = this->calls->Acquire(std::move(models), limit).value();
    std::vector<JobId> ids;
    for (const LeasedJob& job : jobs) ids.push_back(job.id);
    return ids;
  }
};
TYPED_TEST_SUITE(LeaseContract, Stores, StoreNames);

TYPED_TEST(LeaseContract, ALeasedJobCarriesWhatTheWorkerNeeds) {
  Submission submission = NewJob();
  submission.terms.tier = "paid";
  submission.deadline =
      absl::FromUnixMicros(absl::ToUnixMicros(this->store->Now())) + absl::Hours(1);
  ASSERT_TRUE(this->calls->Submit(submission).ok());
  this->store->Pass(absl::Milliseconds(2));
  const LeasedJob lease = this->Lease("worker-7");
  EXPECT_EQ(lease.id, submission.id);
  EXPECT_EQ(lease.fence, 1);
  EXPECT_EQ(lease.attempt, 1);
  EXPECT_EQ(lease.tenant, "alice");
  EXPECT_EQ(lease.tier, "paid");
  EXPECT_EQ(lease.model, "demo");
  EXPECT_EQ(lease.spec, submission.spec);
  EXPECT_EQ(lease.deadline, submission.deadline);
  const JobSnapshot job = this->calls->Get("alice", lease.id).value();
  EXPECT_EQ(job.state, JobState::kRunning);
  EXPECT_EQ(job.worker, "worker-7");
  EXPECT_EQ(job.attempts, 1);
  ASSERT_NE(job.started, absl::InfiniteFuture());
  EXPECT_EQ(lease.waited, job.started - job.submitted);
  EXPECT_GE(lease.waited, absl::Milliseconds(2));
}

TYPED_TEST(LeaseContract, TheTraceOfASubmissionGoesWithItsJobThroughEveryLease) {
  const char kTraceparent[] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  this->UseOptions({.lease = kShort});
  Submission submission = NewJob();
  submission.traceparent = kTraceparent;
  EXPECT_EQ(this->calls->Foresee(submission).value().traceparent, "");
  EXPECT_EQ(this->calls->Submit(submission).value().job.traceparent, kTraceparent);
  EXPECT_EQ(this->LeaseAndLose().traceparent, kTraceparent);
  ASSERT_EQ(this->calls->Reap(10).value().requeued, 1);
  const LeasedJob lease = this->Lease("worker-2");
  EXPECT_EQ(lease.fence, 2);
  EXPECT_EQ(lease.traceparent, kTraceparent);
  EXPECT_EQ(this->calls->Get("alice", lease.id).value().traceparent, kTraceparent);
}

TYPED_TEST(LeaseContract, AJobWithoutATraceHasNoneAndOneThatIsTooLongIsRefused) {
  this->Queue();
  const LeasedJob lease = this->Lease();
  EXPECT_EQ(lease.traceparent, "");
  EXPECT_EQ(this->calls->Get(lease.tenant, lease.id).value().traceparent, "");
  Submission submission = NewJob();
  submission.traceparent = std::string(65, '0');
  EXPECT_EQ(CodeOf(this->calls->Submit(submission)), absl::StatusCode::kInvalidArgument);
}

TYPED_TEST(LeaseContract, JobsAreServedInTheOrderOfSubmissionOverAllModels) {
  const JobId a1 = this->Queue("alice", "a");
  const JobId b1 = this->Queue("bob", "b");
  const JobId c1 = this->Queue("bob", "c");
  const JobId a2 = this->Queue("alice", "a");
  EXPECT_EQ(this->AcquireIds({"a", "b"}, 2), (std::vector<JobId>{a1, b1}));
  EXPECT_EQ(this->AcquireIds({"c", "b", "a"}, 100), (std::vector<JobId>{c1, a2}));
}

TYPED_TEST(LeaseContract, OtherModelsAreLeftAlone) {
  this->Queue("alice", "a");
  EXPECT_TRUE(this->AcquireIds({"b"}, 10).empty());
  EXPECT_TRUE(this->AcquireIds({}, 10).empty());
  EXPECT_EQ(this->calls->Depth().value().queued, 1);
}

TYPED_TEST(LeaseContract, AModelNamedTwiceIsServedOnce) {
  const JobId first = this->Queue("alice", "a");
  const JobId second = this->Queue("alice", "a");
  EXPECT_EQ(this->AcquireIds({"a", "a"}, 10), (std::vector<JobId>{first, second}));
}

TYPED_TEST(LeaseContract, RequestsOutsideTheBoundsAreRefused) {
  EXPECT_EQ(CodeOf(this->calls->Acquire({"a"}, 0)), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(CodeOf(this->calls->Acquire({"a"}, 101)), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(CodeOf(this->calls->Acquire(std::vector<std::string>(33, "a"), 1)),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(CodeOf(this->calls->Acquire({"a"}, 1, "worker-1", "no random id")),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(CodeOf(this->calls->Renew(std::vector<LeaseKey>(101))),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(CodeOf(this->calls->Reap(0)), absl::StatusCode::kInvalidArgument);
}

TYPED_TEST(LeaseContract, ARenewedLeaseDoesNotLapse) {
  const absl::Duration lease_time = absl::Seconds(2);
  this->UseOptions({.lease = lease_time});
  this->Queue();
  const LeasedJob lease = this->Lease();
  for (int i = 0; i < 2; ++i) {
    this->store->Pass(0.6 * lease_time);
    EXPECT_EQ(this->calls->Renew({KeyOf(lease)}).value().at(0), LeaseStatus::kHeld);
    EXPECT_EQ(this->calls->Reap().value().requeued, 0);
  }
  EXPECT_EQ(this->StateOf(lease.id), JobState::kRunning);
}

TYPED_TEST(LeaseContract, RenewTellsTheLeasesApart) {
  this->Queue();
  this->Queue();
  this->Queue();
  const LeasedJob held = this->Lease();
  const LeasedJob cancelled = this->Lease();
  const LeasedJob ended = this->Lease();
  ASSERT_TRUE(this->calls->Cancel("alice", cancelled.id).ok());
  ASSERT_TRUE(this->calls->Finish(KeyOf(ended), Succeeded{}).ok());
  const std::vector<LeaseStatus> statuses = this->calls
                                                ->Renew({KeyOf(ended),
                                                         KeyOf(held),
                                                         {.id = RandomId(), .fence = 1},
                                                         KeyOf(cancelled),
                                                         {.id = held.id, .fence = held.fence + 1}})
                                                .value();
  EXPECT_EQ(statuses,
            (std::vector<LeaseStatus>{LeaseStatus::kLost, LeaseStatus::kHeld, LeaseStatus::kLost,
                                      LeaseStatus::kCancelRequested, LeaseStatus::kLost}));
}

TYPED_TEST(LeaseContract, ALapsedLeasePutsTheJobBackInItsOldPlace) {
  this->UseOptions({.lease = kShort});
  const JobId first = this->Queue();
  const JobId second = this->Queue();
  const LeasedJob lost = this->LeaseAndLose();
  ASSERT_EQ(lost.id, first);
  EXPECT_EQ(this->calls->Reap().value().requeued, 1);
  EXPECT_EQ(this->calls->Get("alice", first).value().position, 0);
  EXPECT_EQ(this->calls->Get("alice", second).value().position, 1);
  const LeasedJob again = this->Lease();
  EXPECT_EQ(again.id, first);
  EXPECT_EQ(again.fence, 2);
  EXPECT_EQ(again.attempt, 2);
}

TYPED_TEST(LeaseContract, ALateWriterIsToldAndWritesNothing) {
  this->UseOptions({.lease = kShort});
  const JobId id = this->Queue();
  const LeaseKey late = KeyOf(this->LeaseAndLose());
  ASSERT_EQ(this->calls->Reap().value().requeued, 1);
  const std::int64_t before = this->calls->Get("alice", id).value().last_sequence;
  const auto refuses_all = [&] {
    EXPECT_EQ(CodeOf(this->calls->Append(late, ProgressEvent{.step = 1, .steps = 2})),
              absl::StatusCode::kAborted);
    EXPECT_EQ(CodeOf(this->calls->PutPreview(late, 0, "jpeg")), absl::StatusCode::kAborted);
    EXPECT_EQ(CodeOf(this->calls->Finish(late, Succeeded{.result = "late"})),
              absl::StatusCode::kAborted);
    EXPECT_EQ(CodeOf(this->calls->Finish(late, Failed{{"X", ""}, true})),
              absl::StatusCode::kAborted);
    EXPECT_EQ(CodeOf(this->calls->Release(late)), absl::StatusCode::kAborted);
    EXPECT_EQ(this->calls->Renew({late}).value().at(0), LeaseStatus::kLost);
  };
  refuses_all();
  EXPECT_EQ(this->calls->Get("alice", id).value().last_sequence, before);
  const LeasedJob successor = this->Lease();
  refuses_all();
  const JobSnapshot job = this->calls->Get("alice", id).value();
  EXPECT_EQ(job.state, JobState::kRunning);
  EXPECT_EQ(job.result, "");
  EXPECT_EQ(job.fence, successor.fence);
  EXPECT_EQ(job.last_sequence, before + 1);  // "started"
}

TYPED_TEST(LeaseContract, TheSecondLostWorkerMakesADeadLetter) {
  this->UseOptions({.lease = kShort});
  const JobId id = this->Queue();
  this->LeaseAndLose();
  ASSERT_EQ(this->calls->Reap().value().requeued, 1);
  this->LeaseAndLose();
  const ReapReport report = this->calls->Reap().value();
  EXPECT_EQ(report.requeued, 0);
  EXPECT_EQ(report.dead, 1);
  const JobSnapshot job = this->calls->Get("alice", id).value();
  EXPECT_EQ(job.state, JobState::kFailed);
  EXPECT_EQ(job.failure.reason, "WORKER_LOST");
  EXPECT_EQ(job.attempts, 2);
  EXPECT_EQ(this->calls->Depth().value().dead, 1);
  EXPECT_EQ(this->calls->Depth().value().running, 0);
}

TYPED_TEST(LeaseContract, AReportedCrashIsTriedOnceMore) {
  const JobId id = this->Queue();
  const Failed crash{.failure = {"DEVICE_LOST", "the device fell off the bus"}, .crash = true};
  const LeasedJob first = this->Lease();
  ASSERT_TRUE(this->calls->Finish(KeyOf(first), crash).ok());
  EXPECT_EQ(this->StateOf(id), JobState::kQueued);
  EXPECT_TRUE(this->calls->Finish(KeyOf(first), crash).ok()) << "repeating it is harmless";
  EXPECT_EQ(this->calls->Get("alice", id).value().failure, Failure());
  ASSERT_TRUE(this->calls->Finish(KeyOf(this->Lease()), crash).ok());
  const JobSnapshot job = this->calls->Get("alice", id).value();
  EXPECT_EQ(job.state, JobState::kFailed);
  EXPECT_EQ(job.failure, crash.failure);
  EXPECT_EQ(this->calls->Depth().value().dead, 1);
}

TYPED_TEST(LeaseContract, AnOrdinaryFailureIsFinalAndNoDeadLetter) {
  const JobId id = this->Queue();
  ASSERT_TRUE(
      this->calls->Finish(KeyOf(this->Lease()), Failed{{"OUT_OF_MEMORY", "too large"}}).ok());
  const JobSnapshot job = this->calls->Get("alice", id).value();
  EXPECT_EQ(job.state, JobState::kFailed);
  EXPECT_EQ(job.failure, (Failure{"OUT_OF_MEMORY", "too large"}));
  EXPECT_EQ(this->calls->Depth().value().dead, 0);
}

TYPED_TEST(LeaseContract, ADrainGivesTheJobBackAndSpendsNoAttempt) {
  const JobId first = this->Queue();
  this->Queue();
  const LeasedJob lease = this->Lease();
  ASSERT_TRUE(this->calls->Release(KeyOf(lease)).ok());
  EXPECT_TRUE(this->calls->Release(KeyOf(lease)).ok()) << "repeating it is harmless";
  const JobSnapshot job = this->calls->Get("alice", first).value();
  EXPECT_EQ(job.state, JobState::kQueued);
  EXPECT_EQ(job.position, 0);
  EXPECT_EQ(job.attempts, 0);
  const LeasedJob again = this->Lease();
  EXPECT_EQ(again.id, first);
  EXPECT_EQ(again.attempt, 1);
  EXPECT_EQ(again.fence, 2);
}

TYPED_TEST(LeaseContract, DrainsNeverAddUpToADeadLetter) {
  const JobId id = this->Queue();
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(this->calls->Release(KeyOf(this->Lease())).ok());
  EXPECT_EQ(this->StateOf(id), JobState::kQueued);
}

TYPED_TEST(LeaseContract, TerminalStatesAbsorb) {
  const JobId id = this->Queue();
  const LeasedJob lease = this->Lease();
  ASSERT_TRUE(this->calls->Finish(KeyOf(lease), Succeeded{.result = "first"}).ok());
  const JobSnapshot before = this->calls->Get("alice", id).value();
  EXPECT_TRUE(this->calls->Finish(KeyOf(lease), Succeeded{.result = "second"}).ok());
  EXPECT_EQ(CodeOf(this->calls->Finish(KeyOf(lease), Failed{{"X", ""}})),
            absl::StatusCode::kAborted);
  EXPECT_EQ(CodeOf(this->calls->Finish(KeyOf(lease), Cancelled{})), absl::StatusCode::kAborted);
  EXPECT_EQ(CodeOf(this->calls->Release(KeyOf(lease))), absl::StatusCode::kAborted);
  EXPECT_EQ(CodeOf(this->calls->Append(KeyOf(lease), PreviewEvent{})), absl::StatusCode::kAborted);
  ASSERT_TRUE(this->calls->Reap().ok());
  const JobSnapshot after = this->calls->Get("alice", id).value();
  EXPECT_EQ(after.state, JobState::kSucceeded);
  EXPECT_EQ(after.result, "first");
  EXPECT_EQ(after.last_sequence, before.last_sequence);
  EXPECT_EQ(this->calls->Depth().value().running, 0);
}

TYPED_TEST(LeaseContract, AFinishedJobIsChargedTheDeviceTimeItTook) {
  const JobId id = this->Queue();
  const LeasedJob lease = this->Lease();
  EXPECT_EQ(this->calls->Get("alice", id).value().device_time, absl::ZeroDuration());
  const absl::Duration took = absl::Milliseconds(2345) + absl::Microseconds(678);
  ASSERT_TRUE(this->calls->Finish(KeyOf(lease), Succeeded{"r", took}).ok());
  ASSERT_TRUE(this->calls->Finish(KeyOf(lease), Succeeded{"r", 2 * took}).ok()) << "repeated";
  const JobSnapshot job = this->calls->Get("alice", id).value();
  EXPECT_EQ(job.device_time, took);
  EXPECT_EQ(job.cost, absl::Milliseconds(1500)) << "as it was predicted";
}

TYPED_TEST(LeaseContract, QueuedJobsPastTheirDeadlineExpireWhenAWorkerAsks) {
  Submission late = NewJob();
  late.deadline = this->store->Now() - absl::Seconds(1);
  ASSERT_TRUE(this->calls->Submit(late).ok());
  const JobId next = this->Queue();
  EXPECT_EQ(this->AcquireIds({"demo"}, 10), std::vector<JobId>{next});
  const JobSnapshot job = this->calls->Get("alice", late.id).value();
  EXPECT_EQ(job.state, JobState::kExpired);
  EXPECT_EQ(job.failure.reason, "DEADLINE_EXCEEDED");
}

TYPED_TEST(LeaseContract, QueuedJobsPastTheirDeadlineExpireWhenNoWorkerAsks) {
  Submission late = NewJob();
  late.deadline = this->store->Now() - absl::Seconds(1);
  ASSERT_TRUE(this->calls->Submit(late).ok());
  Submission early = NewJob();
  early.deadline = this->store->Now() + absl::Hours(1);
  ASSERT_TRUE(this->calls->Submit(early).ok());
  EXPECT_EQ(this->calls->Reap().value().expired, 1);
  EXPECT_EQ(this->StateOf(late.id), JobState::kExpired);
  EXPECT_EQ(this->StateOf(early.id), JobState::kQueued);
  EXPECT_EQ(this->calls->Depth().value().queued, 1);
}

TYPED_TEST(LeaseContract, ALostJobPastItsDeadlineIsNotTriedAgain) {
  this->UseOptions({.lease = absl::Seconds(1)});
  Submission submission = NewJob();
  submission.deadline = this->store->Now() + absl::Seconds(1);
  ASSERT_TRUE(this->calls->Submit(submission).ok());
  this->Lease();
  this->store->Pass(absl::Milliseconds(1200));
  EXPECT_EQ(this->calls->Reap().value().expired, 1);
  EXPECT_EQ(this->StateOf(submission.id), JobState::kExpired);
}

TYPED_TEST(LeaseContract, AWorkerCanReportThatTheDeadlineHasPassed) {
  const JobId id = this->Queue();
  ASSERT_TRUE(this->calls->Finish(KeyOf(this->Lease()), Expired{}).ok());
  const JobSnapshot job = this->calls->Get("alice", id).value();
  EXPECT_EQ(job.state, JobState::kExpired);
  EXPECT_EQ(job.failure.reason, "DEADLINE_EXCEEDED");
}

TYPED_TEST(LeaseContract, ALostJobThatWasToBeCancelledIsCancelled) {
  this->UseOptions({.lease = kShort});
  const JobId id = this->Queue();
  const LeasedJob lease = this->Lease();
  ASSERT_TRUE(this->calls->Cancel("alice", id).ok());
  this->store->Pass(kShort + absl::Milliseconds(50));
  EXPECT_EQ(this->calls->Reap().value().requeued, 0);
  EXPECT_EQ(this->StateOf(id), JobState::kCancelled);
}

TYPED_TEST(LeaseContract, AJobOfALaterVersionWaitsForAWorkerThatUnderstandsItAndHoldsUpNobody) {
  Submission later = NewJob("alice");
  later.spec_version = 2;
  ASSERT_TRUE(this->calls->Submit(later).ok());
  const JobId other = this->Queue("bob");
  EXPECT_EQ(this->AcquireIds({"demo"}, 10), std::vector<JobId>{other});
  EXPECT_TRUE(this->AcquireIds({"demo"}, 10).empty());
  EXPECT_EQ(this->StateOf(later.id), JobState::kQueued);
  EXPECT_EQ(this->calls->Get("alice", later.id).value().spec_version, 2u);

  const std::vector<LeasedJob> leased =
      this->calls->Acquire({.worker = "worker-2", .models = {"demo"}, .spec_version = 2}).value();
  ASSERT_EQ(leased.size(), 1u);
  EXPECT_EQ(leased[0].id, later.id);
  EXPECT_EQ(leased[0].attempt, 1);
}

// They stay in the order in which they came.
TYPED_TEST(LeaseContract, WhatIsBehindAJobOfALaterVersionWaitsWithIt) {
  Submission later = NewJob("alice");
  later.spec_version = 2;
  ASSERT_TRUE(this->calls->Submit(later).ok());
  const JobId behind = this->Queue("alice");
  EXPECT_TRUE(this->AcquireIds({"demo"}, 10).empty());
  ASSERT_TRUE(this->calls->Cancel("alice", later.id).ok());
  EXPECT_EQ(this->AcquireIds({"demo"}, 10), std::vector<JobId>{behind});
}

TYPED_TEST(LeaseContract, ASpecWithoutAVersionIsRefused) {
  Submission submission = NewJob();
  submission.spec_version = 0;
  EXPECT_EQ(CodeOf(this->calls->Submit(submission)), absl::StatusCode::kInvalidArgument);
}

TYPED_TEST(LeaseContract, ReapingInSmallStepsReachesEveryJob) {
  this->UseOptions({.lease = kShort});
  for (int i = 0; i < 5; ++i) this->Queue();
  ASSERT_EQ(this->AcquireIds({"demo"}, 5).size(), 5u);
  this->store->Pass(kShort + absl::Milliseconds(50));
  int requeued = 0;
  int calls = 0;
  ReapReport report;
  do {
    report = this->calls->Reap(2).value();
    EXPECT_LE(report.requeued, 2);
    requeued += report.requeued;
    ++calls;
  } while (report.more);
  EXPECT_EQ(requeued, 5);
  EXPECT_EQ(calls, 3);
  EXPECT_EQ(this->calls->Depth().value().queued, 5);
}

}  // namespace
}  // namespace darkroom::scheduler
