#ifndef DARKROOM_WORKER_ENGINE_JOB_LABELS_H_
#define DARKROOM_WORKER_ENGINE_JOB_LABELS_H_

#include <string>

#include "absl/time/time.h"
#include "common/trace/trace_context.h"
#include "scheduler/core/job.h"

namespace darkroom::worker {

// What a job is called in metrics, spans and lines of the log, and since when there is it.
struct JobLabels {
  std::string tier = {};
  std::string model = {};                       // catalogue id
  absl::Time submitted = absl::InfinitePast();  // by this worker's clock
  scheduler::JobId id = {};
  scheduler::Fence fence = 0;      // of this worker's lease
  trace::TraceContext trace = {};  // what its spans are part of
};

}  // namespace darkroom::worker

#endif  // DARKROOM_WORKER_ENGINE_JOB_LABELS_H_
