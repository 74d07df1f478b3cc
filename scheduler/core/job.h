#ifndef DARKROOM_SCHEDULER_CORE_JOB_H_
#define DARKROOM_SCHEDULER_CORE_JOB_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "scheduler/core/record_version.h"
#include "scheduler/core/throughput.h"
#include "scheduler/core/tier_terms.h"

namespace darkroom::scheduler {

// 32 lower-case hexadecimal digits (common/ids.h).
using JobId = std::string;

// Counts the times a job has been leased, from 1. Every write of a worker carries the fence of its
// lease and is refused when the job has been leased again since.
using Fence = std::int64_t;

// The legal transitions:
//   QUEUED  → RUNNING      a worker leases the job
//   QUEUED  → CANCELLED    its owner cancels it
//   QUEUED  → EXPIRED      its deadline passes
//   RUNNING → QUEUED       the reaper finds the lease lapsed, or the worker drains
//   RUNNING → SUCCEEDED | FAILED | CANCELLED | EXPIRED
// The other four are terminal and absorb.
enum class JobState { kQueued, kRunning, kSucceeded, kFailed, kCancelled, kExpired };

bool IsTerminal(JobState state);
bool IsLegalTransition(JobState from, JobState to);
// "QUEUED", "RUNNING", …: the spelling in Redis and in logs.
absl::string_view StateName(JobState state);
absl::StatusOr<JobState> ParseState(absl::string_view name);

// Why a job ended without pictures. `reason` is stable UPPER_SNAKE_CASE ("WORKER_LOST",
// "OUT_OF_MEMORY"), `message` is for people; neither holds a prompt.
struct Failure {
  std::string reason;
  std::string message;

  friend bool operator==(const Failure&, const Failure&) = default;
};

// What a gateway hands to the queue.
struct Submission {
  JobId id;  // fresh; unused when an earlier submission with the same request_id exists
  std::string tenant;
  std::string request_id;      // empty: not idempotent
  std::string request_digest;  // of the request's content; guards against a reused request_id
  std::string model;           // catalogue id
  std::string spec;            // opaque to the queue: darkroom.internal.v1.JobSpec
  std::uint32_t spec_version = kJobSpecVersion;  // workers that know less do not get the job
  absl::Duration cost;                           // predicted device time
  absl::Time deadline = absl::InfiniteFuture();
  std::int64_t max_queued = 0;  // refused when this many jobs are queued in the pool; 0: no limit
  TierTerms terms;              // of the tenant's tier
  // W3C traceparent (common/trace/trace_context.h), opaque to the queue: what the worker's spans
  // are part of. Empty: none.
  std::string traceparent;
};

// A job as it stood at one moment. Times that have not come are absl::InfiniteFuture().
struct JobSnapshot {
  JobId id;
  std::string tenant;
  std::string tier;
  std::string model;
  std::string spec;
  std::uint32_t spec_version = kJobSpecVersion;
  JobState state = JobState::kQueued;
  absl::Duration cost;
  absl::Time deadline = absl::InfiniteFuture();
  absl::Time submitted = absl::InfiniteFuture();
  absl::Time started = absl::InfiniteFuture();
  absl::Time finished = absl::InfiniteFuture();
  absl::Time forgotten = absl::InfiniteFuture();  // when a terminal job's record expires
  Fence fence = 0;
  int attempts = 0;  // leases that were not handed back by a drain
  bool cancel_requested = false;
  std::string worker;          // of the newest lease
  Failure failure;             // set when FAILED or EXPIRED
  std::string result;          // set when SUCCEEDED: darkroom.internal.v1.JobResult
  absl::Duration device_time;  // measured; set when a worker has ended it
  // -1 and zero unless QUEUED: FairQueue::PlaceOf.
  std::int64_t position = -1;      // jobs of its tier that are expected to go first
  absl::Duration cost_ahead;       // device time of all jobs that are
  Throughput throughput;           // of the pool
  std::int64_t last_sequence = 0;  // of its newest event
  std::string traceparent;         // of the submission
};

}  // namespace darkroom::scheduler

#endif  // DARKROOM_SCHEDULER_CORE_JOB_H_
