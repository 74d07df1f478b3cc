#include <string>

#include "scheduler/core/checks.h"
#include "tests/contract/contract_test.h"

namespace darkroom::scheduler {
namespace {

constexpr absl::Duration kShort = absl::Milliseconds(200);

template <typename Store>
class SavedStepContract : public ContractTest<Store> {
 protected:
  void SetUp() override { this->UseOptions({.lease = kShort}); }

  // Lets the newest lease lapse and leases the job anew.
  LeasedJob LoseAndLease() {
    this->store->Pass(kShort + absl::Milliseconds(50));
    EXPECT_EQ(this->calls->Reap().value().requeued, 1);
    return this->Lease();
  }
};
TYPED_TEST_SUITE(SavedStepContract, Stores, StoreNames);

TYPED_TEST(SavedStepContract, ALostJobsStepIsGivenToTheNextLease) {
  this->Queue();
  const LeasedJob first = this->Lease();
  EXPECT_FALSE(first.step_saved);
  EXPECT_EQ(CodeOf(this->calls->GetStep(first.id)), absl::StatusCode::kNotFound);
  const std::string step("step\0\xff", 6);
  ASSERT_TRUE(this->calls->PutStep(KeyOf(first), "an earlier one").ok());
  ASSERT_TRUE(this->calls->PutStep(KeyOf(first), step).ok());
  const LeasedJob second = this->LoseAndLease();
  ASSERT_EQ(second.id, first.id);
  EXPECT_TRUE(second.step_saved);
  EXPECT_EQ(this->calls->GetStep(second.id).value(), step);
}

TYPED_TEST(SavedStepContract, ARepeatedRequestIsToldOfItAsWell) {
  this->Queue();
  ASSERT_TRUE(this->calls->PutStep(KeyOf(this->Lease()), "step").ok());
  this->store->Pass(kShort + absl::Milliseconds(50));
  ASSERT_EQ(this->calls->Reap().value().requeued, 1);
  const std::string token = RandomId();
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(this->calls->Acquire({"demo"}, 1, "worker-1", token)->at(0).step_saved) << i;
  }
}

TYPED_TEST(SavedStepContract, ALateWritersStepIsRefused) {
  this->Queue();
  const LeaseKey late = KeyOf(this->Lease());
  this->store->Pass(kShort + absl::Milliseconds(50));
  ASSERT_EQ(this->calls->Reap().value().requeued, 1);
  EXPECT_EQ(CodeOf(this->calls->PutStep(late, "late")), absl::StatusCode::kAborted);
  const LeasedJob second = this->Lease();
  EXPECT_FALSE(second.step_saved);
  EXPECT_EQ(CodeOf(this->calls->PutStep(late, "late")), absl::StatusCode::kAborted);
  EXPECT_EQ(CodeOf(this->calls->GetStep(late.id)), absl::StatusCode::kNotFound);
}

TYPED_TEST(SavedStepContract, ADrainedJobsStepIsKept) {
  this->Queue();
  const LeasedJob first = this->Lease();
  ASSERT_TRUE(this->calls->PutStep(KeyOf(first), "step").ok());
  ASSERT_TRUE(this->calls->Release(KeyOf(first)).ok());
  const LeasedJob second = this->Lease();
  EXPECT_TRUE(second.step_saved);
  ASSERT_TRUE(this->calls->Release(KeyOf(second)).ok());
  EXPECT_TRUE(this->Lease().step_saved) << "also of the lease before the last";
}

TYPED_TEST(SavedStepContract, AStepThatALeaseMayHaveCrashedOverIsGivenToNobody) {
  this->Queue();
  const LeasedJob first = this->Lease();
  ASSERT_TRUE(this->calls->PutStep(KeyOf(first), "step").ok());
  ASSERT_TRUE(this->calls->Release(KeyOf(first)).ok());
  ASSERT_TRUE(this->Lease().step_saved);
  const LeasedJob third = this->LoseAndLease();
  EXPECT_FALSE(third.step_saved);
  EXPECT_EQ(CodeOf(this->calls->GetStep(third.id)), absl::StatusCode::kNotFound);
}

TYPED_TEST(SavedStepContract, AStepThatACrashedLeaseHasSavedItselfIsKept) {
  this->Queue();
  const LeasedJob first = this->Lease();
  ASSERT_TRUE(this->calls->PutStep(KeyOf(first), "step").ok());
  ASSERT_TRUE(this->calls->Release(KeyOf(first)).ok());
  const LeasedJob second = this->Lease();
  ASSERT_TRUE(this->calls->PutStep(KeyOf(second), "a later step").ok());
  ASSERT_TRUE(this->calls->Finish(KeyOf(second), Failed{{"DEVICE_LOST", ""}, true}).ok());
  const LeasedJob third = this->Lease();
  EXPECT_TRUE(third.step_saved);
  EXPECT_EQ(this->calls->GetStep(third.id).value(), "a later step");
}

TYPED_TEST(SavedStepContract, ItGoesWithTheJobsEnd) {
  this->UseOptions({});
  this->Queue();
  this->Queue();
  const LeasedJob finished = this->Lease();
  const LeasedJob cancelled = this->Lease();
  for (const LeasedJob& job : {finished, cancelled}) {
    ASSERT_TRUE(this->calls->PutStep(KeyOf(job), "step").ok());
  }
  ASSERT_TRUE(this->calls->Finish(KeyOf(finished), Succeeded{}).ok());
  EXPECT_EQ(CodeOf(this->calls->PutStep(KeyOf(finished), "late")), absl::StatusCode::kAborted);
  ASSERT_TRUE(this->calls->Release(KeyOf(cancelled)).ok());
  EXPECT_TRUE(this->calls->GetStep(cancelled.id).ok());
  ASSERT_TRUE(this->calls->Cancel("alice", cancelled.id).ok());
  for (const LeasedJob& job : {finished, cancelled}) {
    EXPECT_EQ(CodeOf(this->calls->GetStep(job.id)), absl::StatusCode::kNotFound);
  }
}

TYPED_TEST(SavedStepContract, ItIsForgottenLikeAResult) {
  this->UseOptions({.retention = absl::Seconds(1)});
  this->Queue();
  const LeasedJob first = this->Lease();
  ASSERT_TRUE(this->calls->PutStep(KeyOf(first), "step").ok());
  this->store->Pass(absl::Milliseconds(1100));
  EXPECT_EQ(CodeOf(this->calls->GetStep(first.id)), absl::StatusCode::kNotFound);
  ASSERT_TRUE(this->calls->Release(KeyOf(first)).ok());
  EXPECT_FALSE(this->Lease().step_saved);
}

TYPED_TEST(SavedStepContract, OneThatIsTooLargeIsRefused) {
  this->UseOptions({});
  this->Queue();
  const LeaseKey key = KeyOf(this->Lease());
  EXPECT_TRUE(this->calls->PutStep(key, std::string(kMaxStepBytes, 'x')).ok());
  EXPECT_EQ(CodeOf(this->calls->PutStep(key, std::string(kMaxStepBytes + 1, 'x'))),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace darkroom::scheduler
