#ifndef DARKROOM_WORKER_ENGINE_TESTING_WORK_LOG_H_
#define DARKROOM_WORKER_ENGINE_TESTING_WORK_LOG_H_

#include <string>
#include <utility>
#include <vector>

#include "worker/engine/work_observer.h"

namespace darkroom::worker {

// Keeps what it is told, for tests. Thread-compatible.
class WorkLog : public WorkObserver {
 public:
  void NoteFirstLease(const JobLabels& job, absl::Duration waited) override {
    waits.emplace_back(job.tier, waited);
  }
  void NoteForward(const Forward& forward) override { forwards.push_back(forward); }
  void NoteDecode(absl::string_view model, absl::Duration elapsed) override {
    decodes.emplace_back(model, elapsed);
  }
  void NotePicture(const JobLabels& job, absl::Duration /*elapsed*/) override {
    pictures.emplace_back(job.model);
  }
  void NoteLostLease() override { ++lost_leases; }
  void NoteEnd(const JobLabels& /*job*/, const scheduler::JobOutcome& outcome,
               absl::Duration age) override {
    ends.push_back(outcome);
    ages.push_back(age);
  }
  void NoteRelease(const JobLabels& /*job*/) override { ++releases; }

  std::vector<std::pair<std::string, absl::Duration>> waits;  // by tier
  std::vector<Forward> forwards;  // their models live as long as the engine's
  std::vector<std::pair<std::string, absl::Duration>> decodes;
  std::vector<std::string> pictures;
  std::vector<scheduler::JobOutcome> ends;
  std::vector<absl::Duration> ages;  // of the jobs at these ends
  int lost_leases = 0;
  int releases = 0;
};

}  // namespace darkroom::worker

#endif  // DARKROOM_WORKER_ENGINE_TESTING_WORK_LOG_H_
