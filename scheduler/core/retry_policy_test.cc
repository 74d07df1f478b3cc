#include "scheduler/core/retry_policy.h"

#include "gtest/gtest.h"
#include "scheduler/core/lease_store.h"

namespace darkroom::scheduler {
namespace {

TEST(RetryPolicyTest, TheFirstCrashIsForgiven) {
  EXPECT_EQ(NextAfterLease({.crashes = 1}), AfterLease::kRequeue);
}

TEST(RetryPolicyTest, TheLastAllowedCrashIsADeadLetter) {
  EXPECT_EQ(NextAfterLease({.crashes = LeaseStore::kMaxCrashes}), AfterLease::kDeadLetter);
  EXPECT_EQ(NextAfterLease({.crashes = LeaseStore::kMaxCrashes - 1}), AfterLease::kRequeue);
}

TEST(RetryPolicyTest, ADrainIsRequeuedWithoutACrash) {
  EXPECT_EQ(NextAfterLease({}), AfterLease::kRequeue);
}

TEST(RetryPolicyTest, WhoAskedToCancelGetsThatWhateverElseHappened) {
  EXPECT_EQ(NextAfterLease({.crashes = 2, .cancel_requested = true, .deadline_passed = true}),
            AfterLease::kCancelled);
}

TEST(RetryPolicyTest, ALateJobExpiresInsteadOfBeingTriedAgain) {
  EXPECT_EQ(NextAfterLease({.crashes = 1, .deadline_passed = true}), AfterLease::kExpired);
}

}  // namespace
}  // namespace darkroom::scheduler
