#ifndef DARKROOM_SERVER_TESTING_EVENTUALLY_H_
#define DARKROOM_SERVER_TESTING_EVENTUALLY_H_

#include <functional>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/deadline.h"

namespace darkroom::server {

// Long enough for any loaded machine; nothing waits this long when all is well.
inline constexpr absl::Duration kLiveness = absl::Seconds(60);

// Waits until it holds; false: it does not within kLiveness.
inline bool Eventually(const std::function<bool()>& holds) {
  const Deadline end = Deadline::In(kLiveness);
  while (!holds()) {
    if (end.passed()) return false;
    absl::SleepFor(absl::Milliseconds(5));
  }
  return true;
}

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_TESTING_EVENTUALLY_H_
