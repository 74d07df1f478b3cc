#ifndef DARKROOM_WORKER_WORKER_HEALTH_H_
#define DARKROOM_WORKER_WORKER_HEALTH_H_

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "common/mutex.h"

namespace darkroom::worker {

// Whether a worker is of use to its pool: clients are told of its models, the fleet hears of it,
// and it is not about to end. Thread-safe.
class WorkerHealth {
 public:
  // How the last announcement of its models went, and the last report to the fleet. Before the
  // first of either it is not healthy.
  void NoteAnnounced(const absl::Status& status);
  void NoteReported(const absl::Status& status);
  // From now on it is not healthy.
  void NoteDraining();

  // OK, or UNAVAILABLE with a sentence.
  absl::Status status() const;

 private:
  mutable Mutex mutex_;
  bool draining_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status announced_ ABSL_GUARDED_BY(mutex_) = absl::UnavailableError("not yet");
  absl::Status reported_ ABSL_GUARDED_BY(mutex_) = absl::UnavailableError("not yet");
};

}  // namespace darkroom::worker

#endif  // DARKROOM_WORKER_WORKER_HEALTH_H_
