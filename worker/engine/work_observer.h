#ifndef DARKROOM_WORKER_ENGINE_WORK_OBSERVER_H_
#define DARKROOM_WORKER_ENGINE_WORK_OBSERVER_H_

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "scheduler/core/lease_store.h"

namespace darkroom::worker {

// Is told what was computed and what became of jobs, by whoever knows it first: engine, lease
// keeper and publisher, on their threads. So it is thread-safe, and never blocks. This one takes no
// notice.
class WorkObserver {
 public:
  // A forward of the denoiser.
  struct Forward {
    absl::string_view model;
    int images = 0;  // that shared it
    int room = 0;    // images that could have
    int rows = 0;    // of the network
    int steps = 0;   // that the images have done with it: samplers may ask twice for one
    absl::Duration elapsed = absl::ZeroDuration();
  };

  virtual ~WorkObserver() = default;

  virtual void NoteForward(const Forward& /*forward*/) {}
  // An image's latent has become pixels.
  virtual void NoteDecode(absl::string_view /*model*/, absl::Duration /*elapsed*/) {}
  // A picture was made; putting it together and encoding it took that long.
  virtual void NotePicture(absl::string_view /*model*/, absl::Duration /*elapsed*/) {}
  virtual void NoteLostLease() {}
  // The store has taken this end of a job, or has the job back in the queue.
  virtual void NoteEnd(const scheduler::JobOutcome& /*outcome*/) {}
  virtual void NoteRelease() {}

  // One for all who have no other.
  static WorkObserver& Nobody() {
    static WorkObserver nobody;
    return nobody;
  }
};

}  // namespace darkroom::worker

#endif  // DARKROOM_WORKER_ENGINE_WORK_OBSERVER_H_
