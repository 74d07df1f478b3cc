// What the queue promises tenants of each other. The order itself is proved on the model
// (fair_queue_test.cc), and that Redis keeps it by random_operations_test.cc.

#include <map>
#include <string>
#include <vector>

#include "scheduler/core/refusal.h"
#include "tests/contract/contract_test.h"

namespace darkroom::scheduler {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

template <typename Store>
class FairnessContract : public ContractTest<Store> {
 protected:
  JobId QueueWith(const std::string& tenant, const TierTerms& terms,
                  absl::Duration cost = absl::Seconds(1)) {
    Submission submission = NewJob(tenant);
    submission.terms = terms;
    submission.cost = cost;
    return this->calls->Submit(submission).value().job.id;
  }
  std::optional<Refusal> RefusalFor(const std::string& tenant, const TierTerms& terms,
                                    absl::Duration cost = absl::Seconds(1)) {
    Submission submission = NewJob(tenant);
    submission.terms = terms;
    submission.cost = cost;
    return RefusalOf(this->calls->Submit(submission).status());
  }
  // Leases so many jobs and ends each as it was predicted; tenants in order.
  std::vector<std::string> Serve(int jobs, absl::Duration took = absl::Seconds(1)) {
    std::vector<std::string> served;
    for (int i = 0; i < jobs; ++i) {
      const LeasedJob job = this->Lease();
      served.push_back(job.tenant);
      EXPECT_TRUE(this->calls->Finish(KeyOf(job), Succeeded{"", took}).ok());
    }
    return served;
  }
};
TYPED_TEST_SUITE(FairnessContract, Stores, StoreNames);

TYPED_TEST(FairnessContract, ATenantWithOneJobWaitsForOneJobOfAHeavyOne) {
  for (int i = 0; i < 10; ++i) this->QueueWith("heavy", {});
  EXPECT_THAT(this->Serve(2), ElementsAre("heavy", "heavy"));
  this->QueueWith("light", {});
  EXPECT_THAT(this->Serve(2), ElementsAre("light", "heavy"));
}

TYPED_TEST(FairnessContract, TiersShareByWeight) {
  for (int i = 0; i < 20; ++i) {
    this->QueueWith("payer", {.tier = "pro", .weight = 3});
    this->QueueWith("guest", {.tier = "free", .weight = 1});
  }
  std::map<std::string, int> served;
  for (const std::string& tenant : this->Serve(16)) ++served[tenant];
  EXPECT_THAT(served, ElementsAre(Pair("guest", 4), Pair("payer", 12)));
}

TYPED_TEST(FairnessContract, ATenantIsChargedWhatItsJobsTook) {
  for (int i = 0; i < 20; ++i) {
    this->QueueWith("says-little", {});
    this->QueueWith("honest", {});
  }
  std::map<std::string, int> served;
  for (int i = 0; i < 12; ++i) {
    const LeasedJob job = this->Lease();
    ++served[job.tenant];
    const absl::Duration took = job.tenant == "honest" ? absl::Seconds(1) : absl::Seconds(5);
    ASSERT_TRUE(this->calls->Finish(KeyOf(job), Failed{.device_time = took}).ok());
  }
  EXPECT_THAT(served, ElementsAre(Pair("honest", 10), Pair("says-little", 2)));
}

TYPED_TEST(FairnessContract, AnEndedJobTellsWhatItTookWhateverItsEnd) {
  this->QueueWith("alice", {});
  const LeasedJob job = this->Lease();
  ASSERT_TRUE(this->calls->Finish(KeyOf(job), Cancelled{absl::Seconds(3)}).ok());
  EXPECT_EQ(this->calls->Get("alice", job.id).value().device_time, absl::Seconds(3));
}

TYPED_TEST(FairnessContract, ALoadedModelIsServedFirstWithinTheSlack) {
  this->Queue("alice", "a");
  this->Queue("bob", "b");
  const LeaseRequest request = {.worker = "worker-1", .models = {"b", "a"}, .resident = 1};
  EXPECT_EQ(this->calls->Acquire(request).value().at(0).model, "b");
}

TYPED_TEST(FairnessContract, ABatchIsFilledBeforeOthersWithinTheSlack) {
  for (const std::string model : {"a", "b", "a", "a"}) this->Queue(model + "lice", model);
  LeaseRequest request = {.worker = "worker-1", .models = {"a", "b"}, .limit = 3};
  std::vector<std::string> models;
  const std::vector<LeasedJob> leased = this->calls->Acquire(request).value();
  for (const LeasedJob& job : leased) models.push_back(job.model);
  EXPECT_THAT(models, ElementsAre("a", "a", "a"));
}

TYPED_TEST(FairnessContract, ATenantQueuesNoMoreJobsThanItsTierAllows) {
  const TierTerms terms = {.max_queued = 2};
  this->QueueWith("alice", terms);
  const JobId second = this->QueueWith("alice", terms);
  EXPECT_EQ(this->RefusalFor("alice", terms), Refusal{RefusalCause::kTenantQueueFull});
  EXPECT_EQ(this->RefusalFor("bob", terms), std::nullopt);
  ASSERT_TRUE(this->calls->Cancel("alice", second).ok());
  EXPECT_EQ(this->RefusalFor("alice", terms), std::nullopt);
}

TYPED_TEST(FairnessContract, ATenantRunsNoMoreJobsThanItsTierAllows) {
  const TierTerms terms = {.max_running = 2};
  for (int i = 0; i < 4; ++i) this->QueueWith("alice", terms);
  this->QueueWith("bob", terms);
  const std::vector<LeasedJob> leased = this->calls->Acquire({"demo"}, 100).value();
  EXPECT_EQ(leased.size(), 3);
  ASSERT_TRUE(this->calls->Release(KeyOf(leased[0])).ok());
  EXPECT_EQ(this->Lease().id, leased[0].id);
  EXPECT_TRUE(this->calls->Acquire({"demo"}, 100).value().empty());
}

TYPED_TEST(FairnessContract, ATenantSubmitsNoMoreDeviceTimeADayThanItsTierAllows) {
  const TierTerms terms = {.daily_device_time = absl::Seconds(10)};
  this->QueueWith("alice", terms, absl::Seconds(6));
  const std::optional<Refusal> refusal = this->RefusalFor("alice", terms, absl::Seconds(5));
  ASSERT_TRUE(refusal.has_value());
  EXPECT_EQ(refusal->cause, RefusalCause::kDailyDeviceTime);
  EXPECT_GT(refusal->retry, absl::ZeroDuration());
  EXPECT_LE(refusal->retry, absl::Hours(24));
  EXPECT_EQ(this->RefusalFor("bob", terms, absl::Seconds(5)), std::nullopt);
}

TYPED_TEST(FairnessContract, WhatWasNotUsedOfADayIsGivenBack) {
  const TierTerms terms = {.daily_device_time = absl::Seconds(10)};
  this->QueueWith("alice", terms, absl::Seconds(8));
  this->Serve(1, absl::Seconds(4));
  const JobId job = this->QueueWith("alice", terms, absl::Seconds(6));
  EXPECT_TRUE(this->RefusalFor("alice", terms).has_value());
  ASSERT_TRUE(this->calls->Cancel("alice", job).ok());
  EXPECT_EQ(this->RefusalFor("alice", terms, absl::Seconds(6)), std::nullopt);
}

TYPED_TEST(FairnessContract, NoTierWeighsNothing) {
  Submission submission = NewJob();
  submission.terms.weight = 0;
  EXPECT_EQ(CodeOf(this->calls->Submit(submission)), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace darkroom::scheduler
