#ifndef DARKROOM_WORKER_ENGINE_WORK_OBSERVER_H_
#define DARKROOM_WORKER_ENGINE_WORK_OBSERVER_H_

#include <map>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "scheduler/core/lease_store.h"
#include "worker/engine/job_labels.h"

namespace darkroom::worker {

// Is told what was computed and what became of jobs, by whoever knows it first: engine,
// feeder, lease keeper and publisher, on their threads. So it is thread-safe, and never blocks.
// This one takes no notice.
class WorkObserver {
 public:
  // A forward of the denoiser.
  struct Forward {
    absl::string_view model;
    int images = 0;  // that shared it
    int room = 0;    // images that could have
    int rows = 0;    // of the network
    // By tier, those that the images have done with it: samplers may ask twice for one.
    std::map<std::string, int> steps = {};
    absl::Duration elapsed = absl::ZeroDuration();
  };

  virtual ~WorkObserver() = default;

  // A job that nobody had before was leased.
  virtual void NoteFirstLease(const JobLabels& /*job*/, absl::Duration /*waited*/) {}
  virtual void NoteForward(const Forward& /*forward*/) {}
  // An image's latent has become pixels.
  virtual void NoteDecode(absl::string_view /*model*/, absl::Duration /*elapsed*/) {}
  // A picture was made; putting it together and encoding it took that long.
  virtual void NotePicture(const JobLabels& /*job*/, absl::Duration /*elapsed*/) {}
  virtual void NoteLostLease() {}
  // The store has taken this end of a job, so long after it was submitted, or has the job back in
  // the queue.
  virtual void NoteEnd(const JobLabels& /*job*/, const scheduler::JobOutcome& /*outcome*/,
                       absl::Duration /*age*/) {}
  virtual void NoteRelease(const JobLabels& /*job*/) {}

  // One for all who have no other.
  static WorkObserver& Nobody() {
    static WorkObserver nobody;
    return nobody;
  }
};

}  // namespace darkroom::worker

#endif  // DARKROOM_WORKER_ENGINE_WORK_OBSERVER_H_
