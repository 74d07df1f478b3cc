#ifndef DARKROOM_SCHEDULER_CORE_RETRY_POLICY_H_
#define DARKROOM_SCHEDULER_CORE_RETRY_POLICY_H_

#include "scheduler/core/job.h"

namespace darkroom::scheduler {

// A lease that ended without ending its job: it lapsed, its worker reported a crash, or it drained.
struct EndedLease {
  int crashes = 0;  // of the job's leases so far; one that lapsed counts, one that drained does not
  bool cancel_requested = false;
  bool deadline_passed = false;
};

enum class AfterLease {
  kRequeue,     // QUEUED again, in its old place
  kCancelled,   // CANCELLED: its owner asked for it and no worker is left to answer
  kExpired,     // EXPIRED: a further attempt would come too late
  kDeadLetter,  // FAILED, listed as a dead letter: it has cost LeaseStore::kMaxCrashes workers
};

// What becomes of the job.
//
// This rule is also written in redis/lua/prelude.lua (hand_back); tests/contract checks that both
// agree.
AfterLease NextAfterLease(const EndedLease& lease);

// The failure of a dead letter whose last lease lapsed.
Failure WorkerLost();
// The failure of every EXPIRED job.
Failure DeadlinePassed();

}  // namespace darkroom::scheduler

#endif  // DARKROOM_SCHEDULER_CORE_RETRY_POLICY_H_
