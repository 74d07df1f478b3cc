#ifndef DARKROOM_WORKER_ENGINE_JOB_SPEC_H_
#define DARKROOM_WORKER_ENGINE_JOB_SPEC_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "worker/diffusion/backend.h"
#include "worker/engine/input_loader.h"

namespace darkroom::worker {

// How large a second pass was asked to be: a scale, or sides of which one may be 0.
struct HiresSizeAsked {
  std::optional<double> scale = {};
  int width = 0;
  int height = 0;
};

// What a job asks of this worker.
struct WorkOrder {
  diffusion::ImageRequest request;
  int preview_interval = 0;  // steps between two previews of an image; 0: none
  // Where the files are that request.init still lacks; nothing where the job begins with none.
  std::optional<InputOrder> input = {};
  HiresSizeAsked hires_size = {};   // where the request has a hires fix
  std::string input_infotext = {};  // of the file that is made larger, once it has been read
};

// Reads a darkroom.internal.v1.JobSpec. INVALID_ARGUMENT when the bytes are not one or a field that
// the gateway resolves is missing; UNIMPLEMENTED for a version of it that is not known here.
absl::StatusOr<WorkOrder> ParseJobSpec(absl::string_view bytes);

}  // namespace darkroom::worker

#endif  // DARKROOM_WORKER_ENGINE_JOB_SPEC_H_
