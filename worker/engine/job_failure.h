#ifndef DARKROOM_WORKER_ENGINE_JOB_FAILURE_H_
#define DARKROOM_WORKER_ENGINE_JOB_FAILURE_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "scheduler/core/lease_store.h"

namespace darkroom::worker {

// The stable reason for a job's end by this error; `otherwise` for errors that tell nothing by
// themselves.
scheduler::Failure ToFailure(const absl::Status& status, absl::string_view otherwise);

}  // namespace darkroom::worker

#endif  // DARKROOM_WORKER_ENGINE_JOB_FAILURE_H_
