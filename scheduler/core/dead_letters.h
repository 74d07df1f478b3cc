#ifndef DARKROOM_SCHEDULER_CORE_DEAD_LETTERS_H_
#define DARKROOM_SCHEDULER_CORE_DEAD_LETTERS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/await.h"
#include "scheduler/core/job.h"
#include "scheduler/core/tier_terms.h"

namespace darkroom::scheduler {

// A job that has cost LeaseStore::kMaxCrashes workers (retry_policy.h), and under which terms it
// was submitted: tier, weight and max_running; what else limits a tenant is not kept.
struct DeadLetter {
  JobSnapshot job;
  TierTerms terms;
};

struct DeadLetterPage {
  std::vector<DeadLetter> letters;  // the newest first
  std::string next;                 // pass as `after` for the next page; empty on the last
};

// The jobs that were given up, of all tenants. A letter is forgotten with its job.
//
// Queueing one again makes a new job of its specification, by JobQueue::Submit with RequeueId:
// terminal states absorb, so the old job stays FAILED. Its owner has been told that it is over, and
// a watcher's history ends with "finished"; an id that came to life again would break both. (Asynq
// and Sidekiq move the task itself back: their clients do not wait for an outcome.) RequeueId names
// the old job and is no request_id that a client can send, so requeueing twice makes one job.
//
// Callbacks and thread-safety as for JobQueue; UNAVAILABLE likewise.
class DeadLetters {
 public:
  virtual ~DeadLetters() = default;

  // A page of them, `limit` (1 to 100) at most. INVALID_ARGUMENT when `after` is not one of ours.
  virtual void ListDeadLetters(std::string after, int limit, Callback<DeadLetterPage> done) = 0;
  // NOT_FOUND when this job is no dead letter, or no longer.
  virtual void GetDeadLetter(JobId id, Callback<DeadLetter> done) = 0;
  // Takes it off the list; OK also when it is not there. Its job stays as it is.
  virtual void RemoveDeadLetter(JobId id, Done done) = 0;
};

// Submission::request_id of a job that repeats this one.
std::string RequeueId(absl::string_view job);

// The place of a letter in the list, behind which the next page begins: later ones go first, and of
// the same time those with the greater id.
struct DeadLetterPlace {
  absl::Time forgotten = absl::InfiniteFuture();  // of the job
  JobId id;

  friend bool operator==(const DeadLetterPlace&, const DeadLetterPlace&) = default;
};
std::string FormatDeadLetterPlace(const DeadLetterPlace& place);
// The empty token is the place before all. INVALID_ARGUMENT.
absl::StatusOr<DeadLetterPlace> ParseDeadLetterPlace(absl::string_view token);

// The answer that all stores give in the same words.
absl::Status NoSuchDeadLetter();

}  // namespace darkroom::scheduler

#endif  // DARKROOM_SCHEDULER_CORE_DEAD_LETTERS_H_
