#ifndef DARKROOM_COMMON_DRAIN_H_
#define DARKROOM_COMMON_DRAIN_H_

#include "absl/time/time.h"

namespace darkroom {

// SIGTERM and SIGINT turned into something main() waits for. Construct it before any thread is
// started: the signals are blocked in the constructing thread and in every thread it starts.
class DrainSignal {
 public:
  DrainSignal();

  // Blocks until one of the two signals has arrived and returns its number. Called by main() only.
  int Wait();
  // The same, but gives up after `timeout` and returns 0.
  int WaitFor(absl::Duration timeout);
  // As if SIGTERM had been sent to the process. Thread-safe.
  static void Request();
};

}  // namespace darkroom

#endif  // DARKROOM_COMMON_DRAIN_H_
