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
  void NoteBeginning(const JobLabels& job, const Beginning& beginning) override {
    beginnings.emplace_back(job.id, beginning.steps_done);
  }
  void NoteForward(const Forward& forward) override {
    forwards.push_back(forward);
    for (const Share& share : forward.shares) {
      shares.push_back({share.job->id, share.number, share.images, share.rows, share.steps});
    }
    forwards.back().shares.clear();
  }
  void NotePicture(const JobLabels& job, const Picture& picture) override {
    if (picture.decoded) decodes.emplace_back(job.model, picture.decode);
    pictures.emplace_back(job.model);
  }
  void NoteStored(const JobLabels& job, int image, absl::Duration elapsed) override {
    stored.push_back({job.id, image, elapsed});
  }
  void NoteEnd(const JobLabels& /*job*/, const scheduler::JobOutcome& outcome, absl::Duration age,
               absl::Duration elapsed) override {
    ends.push_back(outcome);
    ages.push_back(age);
    end_times.push_back(elapsed);
  }
  void NoteParting(const JobLabels& /*job*/, Parting parting) override {
    ++(parting == Parting::kLost ? lost_leases : releases);
  }

  struct JobShare {
    scheduler::JobId job = {};
    int number = 0;
    int images = 0;
    int rows = 0;
    int steps = 0;
    friend bool operator==(const JobShare&, const JobShare&) = default;
  };
  struct StoredImage {
    scheduler::JobId job = {};
    int image = 0;
    absl::Duration elapsed = absl::ZeroDuration();
    friend bool operator==(const StoredImage&, const StoredImage&) = default;
  };

  std::vector<std::pair<std::string, absl::Duration>> waits;  // by tier
  std::vector<std::pair<scheduler::JobId, int>> beginnings;   // and the steps that were done
  std::vector<Forward> forwards;  // without shares; their models live as long as the engine's
  std::vector<JobShare> shares;   // of all of them
  std::vector<std::pair<std::string, absl::Duration>> decodes;
  std::vector<std::string> pictures;
  std::vector<StoredImage> stored;
  std::vector<scheduler::JobOutcome> ends;
  std::vector<absl::Duration> end_times;  // what these took
  std::vector<absl::Duration> ages;       // of the jobs at these ends
  int lost_leases = 0;
  int releases = 0;
};

}  // namespace darkroom::worker

#endif  // DARKROOM_WORKER_ENGINE_TESTING_WORK_LOG_H_
