#include "server/core/job_view.h"

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "darkroom/internal/v1/job_record.pb.h"
#include "scheduler/core/record_version.h"
#include "server/core/api_error.h"
#include "server/core/resource_name.h"

namespace darkroom::server {
namespace {

using darkroom::internal::v1::JobResult;
using darkroom::internal::v1::JobSpec;

constexpr absl::Duration kNewerRetry = absl::Seconds(1);

darkroom::v1::JobState ToApi(scheduler::JobState state) {
  switch (state) {
    case scheduler::JobState::kQueued:
      return darkroom::v1::JOB_STATE_QUEUED;
    case scheduler::JobState::kRunning:
      return darkroom::v1::JOB_STATE_RUNNING;
    case scheduler::JobState::kSucceeded:
      return darkroom::v1::JOB_STATE_SUCCEEDED;
    case scheduler::JobState::kFailed:
      return darkroom::v1::JOB_STATE_FAILED;
    case scheduler::JobState::kCancelled:
      return darkroom::v1::JOB_STATE_CANCELLED;
    case scheduler::JobState::kExpired:
      return darkroom::v1::JOB_STATE_EXPIRED;
  }
  return darkroom::v1::JOB_STATE_UNSPECIFIED;
}

absl::StatusCode CodeOf(const scheduler::JobSnapshot& job) {
  if (job.state == scheduler::JobState::kExpired) return absl::StatusCode::kDeadlineExceeded;
  if (job.failure.reason == "OUT_OF_MEMORY") return absl::StatusCode::kResourceExhausted;
  if (job.failure.reason == "INVALID_REQUEST") return absl::StatusCode::kInvalidArgument;
  if (job.failure.reason == "WORKER_LOST") return absl::StatusCode::kUnavailable;
  return absl::StatusCode::kInternal;
}

google::rpc::Status ViewFailure(const scheduler::JobSnapshot& job) {
  return ToRpcStatus(ApiError(CodeOf(job), job.failure.reason, job.failure.message));
}

// `own`: the latest version that this gateway understands.
template <typename Record>
absl::StatusOr<Record> Parse(absl::string_view bytes, std::uint32_t own) {
  Record record;
  if (!record.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) ||
      record.version() == 0) {
    return absl::DataLossError(absl::StrCat("no ", record.GetTypeName(), " is stored"));
  }
  if (scheduler::IsReadable(record.version(), own)) return record;
  return WithRetry(ApiError(absl::StatusCode::kUnavailable, reason::kNewerVersion,
                            "the job is of a later version than this gateway; try again, another "
                            "gateway may know it"),
                   kNewerRetry);
}

}  // namespace

google::protobuf::Timestamp ToTimestamp(absl::Time time) {
  const timespec spec = absl::ToTimespec(time);
  google::protobuf::Timestamp timestamp;
  timestamp.set_seconds(spec.tv_sec);
  timestamp.set_nanos(static_cast<int>(spec.tv_nsec));
  return timestamp;
}

google::protobuf::Duration ToDuration(absl::Duration duration) {
  google::protobuf::Duration wire;
  wire.set_seconds(absl::IDivDuration(duration, absl::Seconds(1), &duration));
  wire.set_nanos(static_cast<int>(absl::ToInt64Nanoseconds(duration)));
  return wire;
}

absl::StatusOr<darkroom::v1::Job> ViewAcceptedJob(const scheduler::JobSnapshot& job) {
  DARKROOM_ASSIGN_OR_RETURN(JobSpec spec, Parse<JobSpec>(job.spec, scheduler::kJobSpecVersion));
  darkroom::v1::Job view;
  view.mutable_parameters()->Swap(spec.mutable_parameters());
  *view.mutable_predicted_device_time() = ToDuration(job.cost);
  view.set_queue_position(-1);
  if (job.id.empty()) return view;
  view.set_name(JobName(job.id));
  view.set_state(darkroom::v1::JOB_STATE_QUEUED);
  *view.mutable_create_time() = ToTimestamp(job.submitted);
  view.set_last_sequence(1);
  return view;
}

absl::StatusOr<darkroom::v1::Job> ViewJob(const scheduler::JobSnapshot& job,
                                          std::optional<absl::Duration> wait) {
  DARKROOM_ASSIGN_OR_RETURN(darkroom::v1::Job view, ViewAcceptedJob(job));
  view.set_queue_position(job.position);
  if (wait.has_value()) *view.mutable_estimated_wait() = ToDuration(*wait);
  if (job.id.empty()) return view;
  view.set_state(ToApi(job.state));
  view.set_last_sequence(job.last_sequence);
  view.set_attempts(job.attempts);
  if (job.started != absl::InfiniteFuture()) *view.mutable_start_time() = ToTimestamp(job.started);
  if (job.finished != absl::InfiniteFuture()) *view.mutable_end_time() = ToTimestamp(job.finished);
  if (job.forgotten != absl::InfiniteFuture()) {
    *view.mutable_expire_time() = ToTimestamp(job.forgotten);
  }
  if (!job.failure.reason.empty()) *view.mutable_error() = ViewFailure(job);
  if (job.state == scheduler::JobState::kSucceeded) {
    DARKROOM_ASSIGN_OR_RETURN(JobResult result,
                              Parse<JobResult>(job.result, scheduler::kJobResultVersion));
    view.mutable_images()->Swap(result.mutable_images());
  }
  return view;
}

}  // namespace darkroom::server
