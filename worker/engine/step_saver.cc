#include "worker/engine/step_saver.h"

#include <cstddef>
#include <utility>

#include "common/log.h"
#include "common/sha256.h"
#include "common/status_macros.h"
#include "darkroom/internal/v1/saved_step.pb.h"
#include "scheduler/core/checks.h"
#include "scheduler/core/record_version.h"
#include "worker/engine/save_policy.h"

namespace darkroom::worker {
namespace {

absl::StatusOr<std::unique_ptr<diffusion::Generation>> GoOn(diffusion::Backend& backend,
                                                            const ActiveJob& job) {
  DARKROOM_ASSIGN_OR_RETURN(const std::string state, ReadSavedStep(job.saved(), backend.info()));
  return backend.Continue(job.request(), state);
}

// The same request is worth another try, with the same bytes.
bool WorthAnotherTry(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsAborted(status);
}

}  // namespace

void StepSaver::NoteProgress(ActiveJob& job, absl::Duration left) {
  if (WorthSaving({.unsaved = job.unsaved(), .left = left}, interval_)) Save(job);
}

void StepSaver::NoteLeaving(ActiveJob& job) {
  const SaveChance chance{
      .unsaved = job.unsaved(), .left = absl::InfiniteDuration(), .leaving = true};
  if (WorthSaving(chance, interval_)) Save(job);
}

void StepSaver::Save(ActiveJob& job) {
  const absl::Time start = clock_.Now();
  diffusion::Backend& backend = *job.served()->backend;
  absl::StatusOr<std::string> state =
      backend.Save(job.generation(), scheduler::kMaxStepBytes - kStepRecordBytes);
  if (state.ok()) {
    publisher_.Step(job.lease(), WriteSavedStep(*std::move(state), backend.info()));
  }
  job.NoteSaved();  // also where it cannot be: the next try is an interval away
  job.Charge(clock_.Now() - start);
}

absl::StatusOr<std::unique_ptr<diffusion::Generation>> StepSaver::Begin(diffusion::Backend& backend,
                                                                        const ActiveJob& job) {
  if (job.saved().empty()) return backend.Start(job.request());
  absl::StatusOr<std::unique_ptr<diffusion::Generation>> generation = GoOn(backend, job);
  const JobLabels& labels = job.lease()->labels();
  if (generation.ok()) {
    log::Info("job goes on from a saved step", {{"job", labels.id},
                                                {"trace_id", labels.trace.trace_id},
                                                {"step", (*generation)->steps_done(0)}});
  } else if (!WorthAnotherTry(generation.status())) {
    log::Warning("job begins anew", {{"job", labels.id},
                                     {"trace_id", labels.trace.trace_id},
                                     {"why", generation.status().ToString()}});
    return backend.Start(job.request());
  }
  return generation;
}

std::string WriteSavedStep(std::string state, const diffusion::ModelInfo& model) {
  internal::v1::SavedStep step;
  step.set_version(scheduler::kSavedStepVersion);
  step.set_model_hash(model.hash);
  step.set_state_digest(Sha256Hex(state));
  step.set_state(std::move(state));
  return step.SerializeAsString();
}

absl::StatusOr<std::string> ReadSavedStep(absl::string_view bytes,
                                          const diffusion::ModelInfo& model) {
  internal::v1::SavedStep step;
  if (!step.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return absl::DataLossError("the saved step is no SavedStep");
  }
  if (!scheduler::IsReadable(step.version(), scheduler::kSavedStepVersion)) {
    return absl::DataLossError("the saved step is of a version that is not known here");
  }
  if (step.model_hash() != model.hash) {
    return absl::DataLossError("the saved step is of another model");
  }
  if (step.state_digest() != Sha256Hex(step.state())) {
    return absl::DataLossError("the saved step is damaged");
  }
  return std::move(*step.mutable_state());
}

}  // namespace darkroom::worker
