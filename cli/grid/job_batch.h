#ifndef DARKROOM_CLI_GRID_JOB_BATCH_H_
#define DARKROOM_CLI_GRID_JOB_BATCH_H_

#include <cstddef>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "cli/chunk_assembler.h"
#include "cli/job_api.h"
#include "cli/job_stream.h"

namespace darkroom::cli {

// What became of one request of a batch.
struct BatchResult {
  v1::Job job;      // as it ended; as it was created where that is not known
  Picture picture;  // its first image; without bytes when `status` is not OK
  absl::Status status = absl::UnknownError("not submitted");  // why there is no picture
};

// How far a batch is.
struct BatchProgress {
  int jobs = 0;
  int submitted = 0;
  int ended = 0;                  // with or without a picture
  bool waiting_for_room = false;  // the queue is full: the rest is submitted later
  bool reconnecting = false;      // the server cannot be reached
  double fraction = 0;            // of all steps, 0 to 1
};

struct BatchPolicy {
  ResumePolicy resume;                                    // of the streams; without on_retry
  absl::Duration room_delay = absl::Seconds(1);           // where a full server does not name one
  absl::Duration submit_delay = absl::Milliseconds(300);  // when it cannot be reached
  int submit_attempts = 20;  // of one request, when the server cannot be reached
  int watchers = 16;         // streams that are open at a time
};

// Submits many jobs at once and follows all of them to their ends. Used once; Run blocks.
class JobBatch {
 public:
  // Called by one thread at a time.
  using OnProgress = std::function<void(const BatchProgress&)>;

  // `stop` cancels every job.
  JobBatch(JobApi& api, BatchPolicy policy, std::stop_token stop, OnProgress on_progress);

  // Results in the order of the requests, which need ids of their own. A job that fails is a
  // result. When a request is refused, the jobs before it are cancelled and the refusal returned,
  // with refused() telling which it was; CANCELLED after `stop`.
  absl::StatusOr<std::vector<BatchResult>> Run(const std::vector<v1::CreateJobRequest>& requests);

  std::size_t refused() const { return refused_; }
  // Jobs that were cancelled.
  int cancelled() const { return cancelled_; }

 private:
  class Watchers;

  absl::Status SubmitAll(const std::vector<v1::CreateJobRequest>& requests, Watchers& watchers);
  absl::StatusOr<v1::Job> Submit(const v1::CreateJobRequest& request, Watchers& watchers);
  void CancelAll(const std::vector<v1::CreateJobRequest>& requests,
                 const std::vector<BatchResult>& results);
  // False when `stop` came first.
  bool Sleep(absl::Duration duration) const;

  JobApi& api_;
  const BatchPolicy policy_;
  const std::stop_token stop_;
  const OnProgress on_progress_;
  std::size_t refused_ = 0;
  bool doubtful_ = false;  // whether the last request that was sent became a job is not known
  int cancelled_ = 0;
};

}  // namespace darkroom::cli

#endif  // DARKROOM_CLI_GRID_JOB_BATCH_H_
