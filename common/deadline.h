#ifndef DARKROOM_COMMON_DEADLINE_H_
#define DARKROOM_COMMON_DEADLINE_H_

#include <algorithm>

#include "absl/time/time.h"
#include "common/clock.h"

namespace darkroom {

// The instant by which something must have happened. Passed down call chains instead of a timeout,
// so that time already spent is never granted twice. A value type.
class Deadline {
 public:
  static Deadline Never() { return Deadline(absl::InfiniteFuture()); }
  static Deadline At(absl::Time when) { return Deadline(when); }
  static Deadline In(absl::Duration from_now, const Clock& clock = Clock::System()) {
    return Deadline(clock.Now() + from_now);
  }

  absl::Time when() const { return when_; }
  bool never() const { return when_ == absl::InfiniteFuture(); }
  bool passed(const Clock& clock = Clock::System()) const { return clock.Now() >= when_; }
  // Zero once the deadline has passed.
  absl::Duration left(const Clock& clock = Clock::System()) const {
    return std::max(absl::ZeroDuration(), when_ - clock.Now());
  }

  friend bool operator==(const Deadline&, const Deadline&) = default;

 private:
  explicit Deadline(absl::Time when) : when_(when) {}

  absl::Time when_;
};

}  // namespace darkroom

#endif  // DARKROOM_COMMON_DEADLINE_H_
