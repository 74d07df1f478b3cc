#ifndef DARKROOM_SCHEDULER_CORE_LEASE_STORE_H_
#define DARKROOM_SCHEDULER_CORE_LEASE_STORE_H_

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "common/await.h"
#include "scheduler/core/job.h"

namespace darkroom::scheduler {

struct LeaseRequest {
  std::string worker;                    // catalogue id of the asking worker
  std::vector<std::string> models = {};  // it can serve, resident ones first; at most 32
  int limit = 1;                         // jobs wanted, 1 to 100
  int resident = 0;                      // how many of `models` are loaded
  // How much device time of others may go before a job for the sake of a model that is loaded, and
  // for filling the batch of the request's first job (fair_order.h). Zero: none.
  absl::Duration affinity_slack = absl::Seconds(30);
  absl::Duration fill_slack = absl::Seconds(15);
  // The latest version of specs that the worker understands. Jobs of later ones stay queued.
  std::uint32_t spec_version = kJobSpecVersion;
  // Names the request, so that it can be repeated when its outcome is unknown: fresh for each new
  // one (common/ids.h). Empty: not to be repeated.
  std::string token = {};
};

struct LeasedJob {
  JobId id;
  Fence fence = 0;
  int attempt = 1;
  std::string tenant;
  std::string tier;
  std::string model;
  std::string spec;
  absl::Duration waited = absl::ZeroDuration();  // since it was submitted, by the store's clock
  absl::Time deadline = absl::InfiniteFuture();
  bool step_saved = false;       // an earlier lease has got so far: ResultStore::GetStep
  std::string traceparent = {};  // of the submission
};

struct LeaseKey {
  JobId id;
  Fence fence = 0;
};

// What a renewal found.
enum class LeaseStatus {
  kHeld,
  kCancelRequested,  // held; the job is to be stopped and finished as CANCELLED
  kLost,             // the job was leased again or has ended; drop it and write nothing
};

// How a worker ends a job. `device_time` is what this lease took, measured; the tenant is charged
// that.
struct Succeeded {
  std::string result = {};  // darkroom.internal.v1.JobResult
  absl::Duration device_time = absl::ZeroDuration();
};
struct Failed {
  Failure failure = {};
  bool crash = false;  // true: a second attempt may succeed; the second crash is a dead letter
  absl::Duration device_time = absl::ZeroDuration();
};
struct Cancelled {
  absl::Duration device_time = absl::ZeroDuration();
};
struct Expired {
  absl::Duration device_time = absl::ZeroDuration();
};
using JobOutcome = std::variant<Succeeded, Failed, Cancelled, Expired>;

inline absl::Duration DeviceTimeOf(const JobOutcome& outcome) {
  return std::visit([](const auto& kind) { return kind.device_time; }, outcome);
}

// "succeeded", "failed", "cancelled", "expired".
inline const char* OutcomeName(const JobOutcome& outcome) {
  constexpr const char* kNames[] = {"succeeded", "failed", "cancelled", "expired"};
  return kNames[outcome.index()];
}

struct ReapReport {
  int requeued = 0;
  int dead = 0;     // gave up: second crash-type failure
  int expired = 0;  // queued jobs whose deadline had passed
  int adopted = 0;  // queued jobs of an older version that were given their place in the order
  bool more = false;
};

// The worker's and the reaper's side of the queue. A lease lasts kLeaseDuration of the store's own
// time and is kept by renewing it.
//
// Callbacks and thread-safety as for JobQueue. UNAVAILABLE while the store cannot be reached; every
// operation may be repeated. Writes under a fence that is not the newest change nothing and are
// ABORTED ("lease lost").
class LeaseStore {
 public:
  static constexpr absl::Duration kLeaseDuration = absl::Seconds(15);
  static constexpr int kMaxCrashes = 2;

  virtual ~LeaseStore() = default;

  // Leases up to `limit` jobs, chosen by fair_order.h, and writes their "started" events. Queued
  // jobs whose deadline has passed are expired on the way. Empty when nothing waits.
  //
  // A request with the token of one that has leased jobs gets those again, as far as they are still
  // held under the same fences, with their full time, and no others, whatever else it asks for; so
  // a lost answer costs no lease. Answers are remembered for kLeaseDuration.
  virtual void Acquire(LeaseRequest request, Callback<std::vector<LeasedJob>> done) = 0;

  // Extends the leases by kLeaseDuration; one status a key, in order. At most 100 keys.
  virtual void Renew(std::vector<LeaseKey> keys, Callback<std::vector<LeaseStatus>> done) = 0;

  // Ends the job and writes its "finished" event; Failed with crash = true requeues it instead
  // unless it was the job's kMaxCrashes-th. Repeating it with the same outcome is OK.
  virtual void Finish(LeaseKey key, JobOutcome outcome, Done done) = 0;

  // Hands the job back to its old place in the queue without spending an attempt (drain).
  virtual void Release(LeaseKey key, Done done) = 0;

  // Requeues or buries jobs whose lease has lapsed, expires queued jobs past their deadline, and
  // adopts queued ones of older versions; at most `limit` (1 to 100) of each.
  virtual void Reap(int limit, Callback<ReapReport> done) = 0;
};

}  // namespace darkroom::scheduler

#endif  // DARKROOM_SCHEDULER_CORE_LEASE_STORE_H_
