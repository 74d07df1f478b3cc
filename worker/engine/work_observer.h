#ifndef DARKROOM_WORKER_ENGINE_WORK_OBSERVER_H_
#define DARKROOM_WORKER_ENGINE_WORK_OBSERVER_H_

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "scheduler/core/lease_store.h"
#include "worker/engine/job_labels.h"

namespace darkroom::worker {

// Is told what was computed and what became of jobs, as soon as it is over, by whoever knows it
// first: engine, feeder, lease keeper and publisher, on their threads. So it is thread-safe, and
// never blocks. This one takes no notice.
class WorkObserver {
 public:
  // How a job has begun.
  struct Beginning {
    int steps_done = 0;                             // where it goes on from a saved step
    absl::Duration elapsed = absl::ZeroDuration();  // reading its prompts, loading what they call
  };
  // What a job had of a forward.
  struct Share {
    const JobLabels* job = nullptr;  // lives as long as the call
    int number = 1;                  // of the forward, of those that this lease has been in
    int images = 0;
    int rows = 0;
    int steps = 0;
  };
  // A forward of the denoiser.
  struct Forward {
    absl::string_view model;
    int images = 0;  // that shared it
    int room = 0;    // images that could have
    int rows = 0;    // of the network
    // By tier, those that the images have done with it: samplers may ask twice for one.
    std::map<std::string, int> steps = {};
    std::vector<Share> shares = {};  // of each job
    absl::Duration elapsed = absl::ZeroDuration();

    // Adds an image of a job, which lives on, to all of these; of `image` only its number, rows and
    // steps count.
    void Add(const JobLabels& job, const Share& image);
  };
  // An image that was made.
  struct Picture {
    int image = 0;        // of its job, from 0
    bool decoded = true;  // from a latent; false: a picture that was only made larger
    absl::Duration decode = absl::ZeroDuration();
    absl::Duration encode = absl::ZeroDuration();  // putting it together and writing it as PNG
    std::size_t bytes = 0;                         // of that
  };
  // How a job leaves its worker without an end.
  enum class Parting { kReleased, kLost };

  virtual ~WorkObserver() = default;

  // A job that nobody had before was leased.
  virtual void NoteFirstLease(const JobLabels& /*job*/, absl::Duration /*waited*/) {}
  virtual void NoteBeginning(const JobLabels& /*job*/, const Beginning& /*beginning*/) {}
  virtual void NoteForward(const Forward& /*forward*/) {}
  virtual void NotePicture(const JobLabels& /*job*/, const Picture& /*picture*/) {}
  // The store has an image, so long after that was made.
  virtual void NoteStored(const JobLabels& /*job*/, int /*image*/, absl::Duration /*elapsed*/) {}
  // The store has taken this end of a job, so long after the job was submitted, and after the
  // worker was done with it.
  virtual void NoteEnd(const JobLabels& /*job*/, const scheduler::JobOutcome& /*outcome*/,
                       absl::Duration /*age*/, absl::Duration /*elapsed*/) {}
  // The store has the job back in the queue, or another worker or nobody has it.
  virtual void NoteParting(const JobLabels& /*job*/, Parting /*parting*/) {}

  // One for all who have no other.
  static WorkObserver& Nobody() {
    static WorkObserver nobody;
    return nobody;
  }
};

}  // namespace darkroom::worker

#endif  // DARKROOM_WORKER_ENGINE_WORK_OBSERVER_H_
