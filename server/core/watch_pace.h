#ifndef DARKROOM_SERVER_CORE_WATCH_PACE_H_
#define DARKROOM_SERVER_CORE_WATCH_PACE_H_

#include <algorithm>

#include "absl/time/time.h"

namespace darkroom::server {

// How often the watches of a gateway look at the store when nothing has told them to. Hints say
// when something has happened; looks are for hints that were lost, and for places in the queue. Of
// many watches each looks less often, so that all together do not keep the store from its work.
// Loop thread only.
class WatchPace {
 public:
  static constexpr int kUnhurried = 500;  // so many look as often as they wish
  static constexpr absl::Duration kSlowest = absl::Seconds(30);

  void Enter() { ++watches_; }
  void Leave() { --watches_; }

  // Instead of `wished`: as many times longer as there are more watches than kUnhurried, but not
  // longer than kSlowest for that.
  absl::Duration Of(absl::Duration wished) const {
    const double times = std::max(1.0, static_cast<double>(watches_) / kUnhurried);
    return std::max(wished, std::min(wished * times, kSlowest));
  }

 private:
  int watches_ = 0;
};

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_CORE_WATCH_PACE_H_
