#ifndef DARKROOM_CLI_JOB_STREAM_H_
#define DARKROOM_CLI_JOB_STREAM_H_

#include <functional>
#include <stop_token>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "cli/event_sequence.h"
#include "cli/job_api.h"

namespace darkroom::cli {

// When a broken stream is taken up again, and for how long.
struct ResumePolicy {
  absl::Duration first_delay = absl::Milliseconds(100);  // doubles with every failure in a row
  absl::Duration longest_delay = absl::Seconds(3);
  absl::Duration submit_patience = absl::Seconds(2);  // without any event yet
  absl::Duration watch_patience = absl::Minutes(5);   // without a new event
  // Told before each wait.
  std::function<void(const absl::Status& why, absl::Duration delay)> on_retry;
};

// Follows one job to its end over as many streams as it takes. Used once, on one thread.
class JobStream {
 public:
  using Handler = absl::FunctionRef<absl::Status(const v1::JobEvent&)>;

  // `stop` breaks the stream off; the job is not cancelled by it.
  JobStream(JobApi& api, ResumePolicy policy, std::stop_token stop)
      : api_(api), policy_(std::move(policy)), stop_(std::move(stop)) {}

  // Creates a job and hands every event to `handle` in order, gap-free, up to the finished one. The
  // request needs a request_id: a repeated submission joins the first one's job.
  // Errors: the server's; DATA_LOSS for a gap; CANCELLED after `stop`; whatever `handle` returns.
  absl::Status Generate(const v1::GenerateImageRequest& request, absl::Time deadline,
                        Handler handle);
  // The same for the events of an existing job after a sequence.
  absl::Status Watch(const v1::WatchJobRequest& request, Handler handle);

  // Resource name of the job, empty until its first event.
  const std::string& job() const { return job_; }
  // Of the trace that the job was submitted in; empty until its first event, and of one that was
  // only watched.
  const std::string& trace_id() const { return trace_id_; }

 private:
  absl::Status Follow(absl::FunctionRef<std::unique_ptr<EventReader>()> open, Handler handle,
                      absl::Time last_chance);
  bool MayResume(const absl::Status& status, absl::Time last_chance) const;
  // Reads one stream to its end. Sets finished_ with the job's last event.
  absl::Status ReadAll(EventReader& reader, Handler handle);
  absl::Status Pause(const absl::Status& why);

  JobApi& api_;
  const ResumePolicy policy_;
  const std::stop_token stop_;
  std::string job_;
  std::string trace_id_;
  EventSequence sequence_{0};
  bool finished_ = false;
  bool broken_by_handler_ = false;
  int failures_ = 0;  // in a row, without an event in between
  absl::Time last_event_;
};

}  // namespace darkroom::cli

#endif  // DARKROOM_CLI_JOB_STREAM_H_
