#ifndef DARKROOM_SCHEDULER_TESTING_JOB_TABLE_H_
#define DARKROOM_SCHEDULER_TESTING_JOB_TABLE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "scheduler/core/dead_letters.h"
#include "scheduler/core/event_bus.h"
#include "scheduler/core/fair_queue.h"
#include "scheduler/core/job.h"
#include "scheduler/core/job_queue.h"
#include "scheduler/core/lease_store.h"
#include "scheduler/core/retry_policy.h"
#include "scheduler/testing/daily_usage.h"
#include "scheduler/testing/job_history.h"
#include "scheduler/testing/saved_steps.h"

namespace darkroom::scheduler {

// All jobs of a pool in plain containers: what the Lua scripts do, in C++. Each operation gets the
// time and does what the port's operation of the same name promises. Not thread-safe.
class JobTable {
 public:
  JobTable(absl::Duration lease, absl::Duration retention) : lease_(lease), retention_(retention) {}

  // Drops the jobs and answers whose record has expired. Called before every other operation.
  void Forget(absl::Time now);

  absl::StatusOr<SubmitOutcome> Submit(const Submission& submission, absl::Time now);
  absl::StatusOr<JobSnapshot> Foresee(const Submission& submission, absl::Time now);
  absl::StatusOr<JobSnapshot> Get(absl::string_view tenant, absl::string_view id) const;
  JobPage List(absl::string_view tenant, std::int64_t before, int limit) const;
  absl::StatusOr<JobSnapshot> Cancel(absl::string_view tenant, absl::string_view id,
                                     absl::Time now);
  QueueDepth Depth() const;
  std::vector<TierDepth> DepthByTier() const;

  DeadLetterPage ListDeadLetters(const DeadLetterPlace& after, int limit) const;
  absl::StatusOr<DeadLetter> GetDeadLetter(const JobId& id) const;
  void RemoveDeadLetter(const JobId& id);

  std::vector<LeasedJob> Acquire(const LeaseRequest& request, absl::Time now);
  LeaseStatus Renew(const LeaseKey& key, absl::Time now);
  absl::Status Finish(const LeaseKey& key, const JobOutcome& outcome, absl::Time now);
  absl::Status Release(const LeaseKey& key, absl::Time now);
  ReapReport Reap(int limit, absl::Time now);

  absl::Status Append(const LeaseKey& key, const WorkerEvent& event, absl::Time now);
  std::vector<JobEvent> Read(absl::string_view id, std::int64_t after, int limit) const;
  absl::Status PutPreview(const LeaseKey& key, int image, std::string jpeg);
  absl::StatusOr<std::string> GetPreview(absl::string_view id, int image) const;
  absl::Status PutStep(const LeaseKey& key, std::string bytes, absl::Time now);
  absl::StatusOr<std::string> GetStep(const JobId& id) const { return steps_.Get(id); }

  // What was added to since the last call, in order.
  std::vector<Topic> TakeTopics() { return std::exchange(topics_, {}); }

 private:
  // How the newest lease of a job ended; kHeld while there is none that has.
  enum class LeaseEnd {
    kHeld,
    kLapsed,
    kDrained,
    kCrashed,
    kSucceeded,
    kFailed,
    kCancelled,
    kExpired
  };

  struct Record {
    JobSnapshot job;
    FairJob place;
    std::optional<std::int64_t>
        day;  // of the submission, where the tenant's device time is limited
    std::string digest;
    std::string idempotency;  // key in requests_, empty when there is none
    int crashes = 0;
    bool dead = false;  // a dead letter, and on the list
    LeaseEnd lease_end = LeaseEnd::kHeld;
    absl::Time lease_expiry;
    JobHistory history;
    std::map<int, std::string> previews;
  };

  // What an Acquire with a token has leased.
  struct Answer {
    std::vector<LeaseKey> leases;
    absl::Time expiry;
  };

  // Redis keeps microseconds.
  static absl::Time Rounded(absl::Time time);
  static LeaseEnd EndOf(const JobOutcome& outcome);

  Record* Find(absl::string_view id);
  const Record* Find(absl::string_view id) const;
  // Null unless the lease is the job's newest and is held.
  Record* FindHeld(const LeaseKey& key);

  JobSnapshot Snapshot(const Record& record) const;
  DeadLetter LetterOf(const Record& record) const;
  // An earlier job of the same request or id; null when there is none and room for another.
  absl::StatusOr<const Record*> Examine(const Submission& submission, absl::Time now) const;
  // Not queued yet.
  Record NewRecord(const Submission& submission, absl::Time now) const;
  void AddEvent(Record& record, EventBody body, absl::Time now);
  void Enqueue(Record& record, bool requeued, absl::Time now);
  // Counts the time since the last call if jobs wait, and what a job that has succeeded cost.
  void CountThroughput(absl::Duration cost, absl::Time now);
  // Counts for the day of the submission.
  void CountUsage(const Record& record, absl::Duration change);
  void Lease(Record& record, const std::string& worker, absl::Time now);
  // Gives a lease its full time.
  LeasedJob Give(Record& record, absl::Time now);
  std::vector<LeasedJob> GiveAgain(Answer& answer, absl::Time now);
  void End(Record& record, JobState state, absl::Time now);
  void EndLease(Record& record, LeaseEnd end, absl::Duration measured);
  // Ends a lease without ending its job, and does what retry_policy.h says.
  AfterLease HandBack(Record& record, LeaseEnd end, absl::Duration measured, const Failure& failure,
                      absl::Time now);

  const absl::Duration lease_;
  const absl::Duration retention_;
  std::map<JobId, Record, std::less<>> jobs_;
  std::map<std::string, JobId, std::less<>> requests_;
  std::map<std::int64_t, Record*> queued_;  // by order
  FairQueue order_;
  Throughput throughput_;
  absl::Time counted_ = absl::InfiniteFuture();  // until when it is
  DailyUsage usage_;
  SavedSteps steps_;
  std::map<std::string, Answer> answers_;  // by token
  std::int64_t last_order_ = 0;
  std::vector<Topic> topics_;
};

}  // namespace darkroom::scheduler

#endif  // DARKROOM_SCHEDULER_TESTING_JOB_TABLE_H_
