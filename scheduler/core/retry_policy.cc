#include "scheduler/core/retry_policy.h"

#include "scheduler/core/lease_store.h"

namespace darkroom::scheduler {

AfterLease NextAfterLease(const EndedLease& lease) {
  if (lease.cancel_requested) return AfterLease::kCancelled;
  if (lease.deadline_passed) return AfterLease::kExpired;
  if (lease.crashes >= LeaseStore::kMaxCrashes) return AfterLease::kDeadLetter;
  return AfterLease::kRequeue;
}

Failure WorkerLost() {
  return {.reason = "WORKER_LOST", .message = "every worker that took the job was lost"};
}

Failure DeadlinePassed() {
  return {.reason = "DEADLINE_EXCEEDED", .message = "the deadline passed before the job was done"};
}

}  // namespace darkroom::scheduler
