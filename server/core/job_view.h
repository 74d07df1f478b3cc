#ifndef DARKROOM_SERVER_CORE_JOB_VIEW_H_
#define DARKROOM_SERVER_CORE_JOB_VIEW_H_

#include <optional>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "darkroom/v1/job.pb.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "scheduler/core/job.h"

namespace darkroom::server {

// A stored job, or one that was only foreseen, as the API shows it, with the wait that is foretold.
// DATA_LOSS when the stored bytes cannot be read; the ApiError NEWER_VERSION when they are of a
// later version than this gateway's. Pure.
absl::StatusOr<darkroom::v1::Job> ViewJob(const scheduler::JobSnapshot& job,
                                          std::optional<absl::Duration> wait);

// The job as it was when it was accepted, whatever has become of it since.
absl::StatusOr<darkroom::v1::Job> ViewAcceptedJob(const scheduler::JobSnapshot& job);

google::protobuf::Timestamp ToTimestamp(absl::Time time);
google::protobuf::Duration ToDuration(absl::Duration duration);

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_CORE_JOB_VIEW_H_
