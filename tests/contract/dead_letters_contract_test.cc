#include <set>
#include <string>

#include "tests/contract/contract_test.h"

namespace darkroom::scheduler {
namespace {

template <typename Store>
class DeadLettersContract : public ContractTest<Store> {
 protected:
  // Has a job of alice's crash twice, in the terms of a tier.
  JobId Bury() {
    Submission submission = NewJob();
    submission.terms = {.tier = "pro", .weight = 7, .max_running = 9};
    JobId id = submission.id;
    EXPECT_TRUE(this->calls->Submit(std::move(submission)).ok());
    for (int i = 0; i < LeaseStore::kMaxCrashes; ++i) {
      const LeasedJob job = this->Lease("worker-9");
      EXPECT_TRUE(
          this->calls
              ->Finish(KeyOf(job), Failed{.failure = {"CRASHED", "out of luck"}, .crash = true})
              .ok());
    }
    return id;
  }
  absl::StatusOr<DeadLetterPage> List(const std::string& after = "", int limit = 100) {
    return Await<DeadLetterPage>(kPatience, [&](Callback<DeadLetterPage> done) {
      this->store->dead_letters().ListDeadLetters(after, limit, std::move(done));
    });
  }
  absl::StatusOr<DeadLetter> Get(const JobId& id) {
    return Await<DeadLetter>(kPatience, [&](Callback<DeadLetter> done) {
      this->store->dead_letters().GetDeadLetter(id, std::move(done));
    });
  }
  absl::Status Remove(const JobId& id) {
    return AwaitDone(kPatience, [&](Done done) {
      this->store->dead_letters().RemoveDeadLetter(id, std::move(done));
    });
  }

  static constexpr absl::Duration kPatience = absl::Seconds(60);
};
TYPED_TEST_SUITE(DeadLettersContract, Stores, StoreNames);

TYPED_TEST(DeadLettersContract, AJobThatWasGivenUpIsListedWithItsTerms) {
  const JobId id = this->Bury();
  const DeadLetterPage page = this->List().value();
  ASSERT_EQ(page.letters.size(), 1u);
  EXPECT_EQ(page.next, "");
  for (const DeadLetter& letter : {page.letters[0], this->Get(id).value()}) {
    EXPECT_EQ(letter.job.id, id);
    EXPECT_EQ(letter.job.tenant, "alice");
    EXPECT_EQ(letter.job.state, JobState::kFailed);
    EXPECT_EQ(letter.job.spec, NewJob().spec);
    EXPECT_EQ(letter.job.worker, "worker-9");
    EXPECT_EQ(letter.job.attempts, 2);
    EXPECT_EQ(letter.job.failure, (Failure{"CRASHED", "out of luck"}));
    EXPECT_EQ(letter.terms.tier, "pro");
    EXPECT_EQ(letter.terms.weight, 7);
    EXPECT_EQ(letter.terms.max_running, 9);
  }
}

TYPED_TEST(DeadLettersContract, OtherJobsAreNoLetters) {
  const JobId queued = this->Queue();
  const LeasedJob failed = this->Lease();
  ASSERT_TRUE(this->calls->Finish(KeyOf(failed), Failed{.failure = {"BAD", "no"}}).ok());
  EXPECT_TRUE(this->List().value().letters.empty());
  EXPECT_TRUE(absl::IsNotFound(this->Get(queued).status()));
  EXPECT_TRUE(absl::IsNotFound(this->Get("x").status()));
  EXPECT_TRUE(absl::IsNotFound(this->Get(RandomId()).status()));
}

TYPED_TEST(DeadLettersContract, PagesHoldEveryLetterOnceTheNewestFirst) {
  std::set<JobId> buried;
  for (int i = 0; i < 5; ++i) buried.insert(this->Bury());
  std::set<JobId> listed;
  std::string next;
  absl::Time before = absl::InfiniteFuture();
  int pages = 0;
  do {
    const DeadLetterPage page = this->List(next, 2).value();
    for (const DeadLetter& letter : page.letters) {
      EXPECT_LE(letter.job.forgotten, before);
      before = letter.job.forgotten;
      EXPECT_TRUE(listed.insert(letter.job.id).second);
    }
    next = page.next;
    ++pages;
  } while (!next.empty());
  EXPECT_EQ(listed, buried);
  EXPECT_EQ(pages, 3);
  EXPECT_EQ(CodeOf(this->List("x")), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(CodeOf(this->List("", 0)), absl::StatusCode::kInvalidArgument);
}

// One call of the reaper gives them the same time.
TYPED_TEST(DeadLettersContract, LettersOfOneMomentArePagedToo) {
  this->UseOptions({.lease = absl::Milliseconds(30)});
  std::set<JobId> buried;
  for (int i = 0; i < 5; ++i) buried.insert(this->Queue());
  for (int i = 0; i < LeaseStore::kMaxCrashes; ++i) {
    ASSERT_EQ(this->calls->Acquire({"demo"}, 5).value().size(), 5u);
    this->store->Pass(absl::Milliseconds(40));
    ASSERT_TRUE(this->calls->Reap().ok());
  }
  std::set<JobId> listed;
  std::string next;
  do {
    const DeadLetterPage page = this->List(next, 2).value();
    for (const DeadLetter& letter : page.letters) {
      EXPECT_EQ(letter.job.failure.reason, "WORKER_LOST");
      EXPECT_TRUE(listed.insert(letter.job.id).second);
    }
    next = page.next;
  } while (!next.empty());
  EXPECT_EQ(listed, buried);
}

TYPED_TEST(DeadLettersContract, WhatIsTakenOffTheListStaysFailed) {
  const JobId id = this->Bury();
  EXPECT_TRUE(this->Remove(id).ok());
  EXPECT_TRUE(this->Remove(id).ok());
  EXPECT_TRUE(this->List().value().letters.empty());
  EXPECT_TRUE(absl::IsNotFound(this->Get(id).status()));
  EXPECT_EQ(this->StateOf(id), JobState::kFailed);
  EXPECT_EQ(this->calls->Depth().value().dead, 0);
}

TYPED_TEST(DeadLettersContract, ARequeueMakesOneJobHoweverOftenItIsRepeated) {
  const JobId id = this->Bury();
  const auto again = [&] {
    Submission submission = NewJob();
    submission.request_id = RequeueId(id);
    return this->calls->Submit(std::move(submission)).value();
  };
  const SubmitOutcome first = again();
  EXPECT_TRUE(first.created);
  EXPECT_NE(first.job.id, id);
  EXPECT_EQ(again().job.id, first.job.id);
}

TYPED_TEST(DeadLettersContract, LettersAreForgottenWithTheirJobs) {
  this->UseOptions({.retention = absl::Milliseconds(50)});
  const JobId id = this->Bury();
  this->store->Pass(absl::Milliseconds(60));
  EXPECT_TRUE(this->List().value().letters.empty());
  EXPECT_TRUE(absl::IsNotFound(this->Get(id).status()));
}

}  // namespace
}  // namespace darkroom::scheduler
