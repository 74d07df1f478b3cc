#ifndef DARKROOM_WORKER_ENGINE_JOB_LABELS_H_
#define DARKROOM_WORKER_ENGINE_JOB_LABELS_H_

#include <string>

#include "absl/time/time.h"

namespace darkroom::worker {

// What a job is counted under, and since when.
struct JobLabels {
  std::string tier = {};
  std::string model = {};                       // catalogue id
  absl::Time submitted = absl::InfinitePast();  // by this worker's clock
};

}  // namespace darkroom::worker

#endif  // DARKROOM_WORKER_ENGINE_JOB_LABELS_H_
