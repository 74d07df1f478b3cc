#ifndef DARKROOM_COMMON_CLOCK_H_
#define DARKROOM_COMMON_CLOCK_H_

#include "absl/time/time.h"

namespace darkroom {

// The only source of the present time. Injected wherever a decision depends on it, so that tests
// move time by hand (common/testing/manual_clock.h). Implementations are thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual absl::Time Now() const = 0;

  // The system clock; lives for the whole process.
  static const Clock& System();
};

}  // namespace darkroom

#endif  // DARKROOM_COMMON_CLOCK_H_
