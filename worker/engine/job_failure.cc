#include "worker/engine/job_failure.h"

#include <string>

namespace darkroom::worker {

scheduler::Failure ToFailure(const absl::Status& status, absl::string_view otherwise) {
  std::string reason(otherwise);
  if (absl::IsResourceExhausted(status)) reason = "OUT_OF_MEMORY";
  if (absl::IsInvalidArgument(status)) reason = "INVALID_REQUEST";
  if (absl::IsUnimplemented(status)) reason = "UNSUPPORTED_SPEC";
  return {reason, std::string(status.message())};
}

}  // namespace darkroom::worker
