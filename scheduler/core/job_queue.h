#ifndef DARKROOM_SCHEDULER_CORE_JOB_QUEUE_H_
#define DARKROOM_SCHEDULER_CORE_JOB_QUEUE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/await.h"
#include "scheduler/core/job.h"

namespace darkroom::scheduler {

struct SubmitOutcome {
  JobSnapshot job;
  bool created = false;  // false: an earlier submission with the same request_id made it
};

struct JobPage {
  std::vector<JobSnapshot> jobs;  // newest first
  std::string next;               // pass as `after` for the next page; empty on the last
};

struct QueueDepth {
  std::int64_t queued = 0;
  std::int64_t running = 0;
  std::int64_t dead = 0;       // dead letters
  absl::Duration queued_cost;  // predicted device time of the queued jobs
};

// What waits of one tier for one model.
struct ModelDepth {
  std::string model;
  std::int64_t queued = 0;
  absl::Time oldest = absl::InfiniteFuture();  // submission of its oldest job

  friend bool operator==(const ModelDepth&, const ModelDepth&) = default;
};

// What waits of one tier.
struct TierDepth {
  std::string tier;
  std::int64_t weight = 1;
  std::int64_t queued = 0;
  absl::Duration queued_cost = absl::ZeroDuration();
  // Submission of its oldest job, of the 100 heads of flows that go first; InfiniteFuture while all
  // its flows are set aside (fair_order.h).
  absl::Time oldest = absl::InfiniteFuture();
  // By name, the jobs of the flows of these heads; all of the tier where it has no more flows and
  // none is set aside.
  std::vector<ModelDepth> models = {};
};

// The gateway's side of the queue.
//
// Every operation is one atomic step of the store. Callbacks run exactly once, on the store's own
// thread (in-memory: inside the call), and must not block. Thread-safe. Errors of all operations:
// UNAVAILABLE while the store cannot be reached (the outcome is then unknown; every operation may
// be repeated).
class JobQueue {
 public:
  virtual ~JobQueue() = default;

  // Accepts a job, writing its events 1 (accepted) and 2 (queued). RESOURCE_EXHAUSTED when
  // max_queued jobs wait already or the store is short of memory; ALREADY_EXISTS when the
  // request_id was used with another digest.
  virtual void Submit(Submission submission, Callback<SubmitOutcome> done) = 0;

  // What Submit would answer now: its errors, an earlier job of the same request, or else a job
  // that does not exist, with an empty id, and the place that it would have. Changes nothing but,
  // in a tier without jobs, its weight.
  virtual void Foresee(Submission submission, Callback<JobSnapshot> done) = 0;

  // NOT_FOUND when there is no such job, or it belongs to another tenant.
  virtual void Get(absl::string_view tenant, absl::string_view id, Callback<JobSnapshot> done) = 0;

  // The tenant's jobs that are not yet forgotten. `limit` is 1 to 100; `after` is JobPage::next.
  // INVALID_ARGUMENT when `after` is not one of ours.
  virtual void List(absl::string_view tenant, absl::string_view after, int limit,
                    Callback<JobPage> done) = 0;

  // Cancels a queued job at once; asks the worker of a running one to stop. Repeating it, and
  // cancelling a terminal job, change nothing. NOT_FOUND as for Get.
  virtual void Cancel(absl::string_view tenant, absl::string_view id,
                      Callback<JobSnapshot> done) = 0;

  virtual void Depth(Callback<QueueDepth> done) = 0;
  // Of the tiers that have work, by name.
  virtual void DepthByTier(Callback<std::vector<TierDepth>> done) = 0;
};

}  // namespace darkroom::scheduler

#endif  // DARKROOM_SCHEDULER_CORE_JOB_QUEUE_H_
