#ifndef DARKROOM_WORKER_ENGINE_SAVE_POLICY_H_
#define DARKROOM_WORKER_ENGINE_SAVE_POLICY_H_

#include "absl/time/time.h"

namespace darkroom::worker {

// A job between two steps.
struct SaveChance {
  absl::Duration unsaved;  // what would be computed again, if the worker were lost now
  absl::Duration left;     // until the job is done; InfiniteDuration: nobody knows
  bool leaving = false;    // the job is handed back to the queue
};

// Whether its state is worth the writing. What is lost with a worker is what it has computed since
// the last saved step, so that is to be `interval` at least, which bounds what saving costs as
// well. Towards the end there is little time left in which a worker could be lost: less than half
// an interval is not worth it. A job that is handed back loses what is not saved for certain; a
// second of work is more than it takes. Never for an InfiniteDuration.
bool WorthSaving(const SaveChance& chance, absl::Duration interval);

}  // namespace darkroom::worker

#endif  // DARKROOM_WORKER_ENGINE_SAVE_POLICY_H_
