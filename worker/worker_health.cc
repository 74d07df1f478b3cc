#include "worker/worker_health.h"

#include "absl/strings/str_cat.h"

namespace darkroom::worker {

void WorkerHealth::NoteAnnounced(const absl::Status& status) {
  MutexLock lock(&mutex_);
  announced_ = status;
}

void WorkerHealth::NoteReported(const absl::Status& status) {
  MutexLock lock(&mutex_);
  reported_ = status;
}

void WorkerHealth::NoteDraining() {
  MutexLock lock(&mutex_);
  draining_ = true;
}

absl::Status WorkerHealth::status() const {
  MutexLock lock(&mutex_);
  if (draining_) return absl::UnavailableError("the worker drains");
  if (!announced_.ok()) {
    return absl::UnavailableError(
        absl::StrCat("the models are not announced: ", announced_.message()));
  }
  if (!reported_.ok()) {
    return absl::UnavailableError(
        absl::StrCat("the fleet does not hear of the worker: ", reported_.message()));
  }
  return absl::OkStatus();
}

}  // namespace darkroom::worker
