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
  void NoteForward(const Forward& forward) override { forwards.push_back(forward); }
  void NoteDecode(absl::string_view model, absl::Duration elapsed) override {
    decodes.emplace_back(model, elapsed);
  }
  void NotePicture(absl::string_view model, absl::Duration /*elapsed*/) override {
    pictures.emplace_back(model);
  }
  void NoteLostLease() override { ++lost_leases; }
  void NoteEnd(const scheduler::JobOutcome& outcome) override { ends.push_back(outcome); }
  void NoteRelease() override { ++releases; }

  std::vector<Forward> forwards;  // their models live as long as the engine's
  std::vector<std::pair<std::string, absl::Duration>> decodes;
  std::vector<std::string> pictures;
  std::vector<scheduler::JobOutcome> ends;
  int lost_leases = 0;
  int releases = 0;
};

}  // namespace darkroom::worker

#endif  // DARKROOM_WORKER_ENGINE_TESTING_WORK_LOG_H_
