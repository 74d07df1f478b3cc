#ifndef DARKROOM_WORKER_ENGINE_STEP_SAVER_H_
#define DARKROOM_WORKER_ENGINE_STEP_SAVER_H_

#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "worker/diffusion/backend.h"
#include "worker/engine/active_job.h"
#include "worker/engine/publisher.h"

namespace darkroom::worker {

// Keeps the steps of jobs that are worth it (save_policy.h) in the store, so that another worker
// can go on from there, and begins jobs with what was kept of them. The device's thread owns it.
class StepSaver {
 public:
  // The publisher and the clock outlive it. `interval`: of work that is saved at once;
  // InfiniteDuration: none is.
  StepSaver(Publisher& publisher, const Clock& clock, absl::Duration interval)
      : publisher_(publisher), clock_(clock), interval_(interval) {}

  // The job has made a step and needs `left` more.
  void NoteProgress(ActiveJob& job, absl::Duration left);
  // It has begun and will be released; what is left to do is not known or too much.
  void NoteLeaving(ActiveJob& job);

  // Goes on from the job's saved step, or starts it where there is none, or none that can be gone
  // on from. Errors are those of Backend::Start.
  static absl::StatusOr<std::unique_ptr<diffusion::Generation>> Begin(diffusion::Backend& backend,
                                                                      const ActiveJob& job);

 private:
  // The time that it takes is the job's.
  void Save(ActiveJob& job);

  Publisher& publisher_;
  const Clock& clock_;
  const absl::Duration interval_;
};

// Of a SavedStep beside the state, at most.
inline constexpr std::size_t kStepRecordBytes = 256;

// A darkroom.internal.v1.SavedStep of what Backend::Save has returned, and that again. DATA_LOSS
// when the bytes are damaged, of another version or of another model.
std::string WriteSavedStep(std::string state, const diffusion::ModelInfo& model);
absl::StatusOr<std::string> ReadSavedStep(absl::string_view bytes,
                                          const diffusion::ModelInfo& model);

}  // namespace darkroom::worker

#endif  // DARKROOM_WORKER_ENGINE_STEP_SAVER_H_
