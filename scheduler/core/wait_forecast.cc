#include "scheduler/core/wait_forecast.h"

namespace darkroom::scheduler {

std::map<std::int64_t, absl::Duration> ForecastWaits(FleetModel fleet, int most_changes) {
  std::map<std::int64_t, absl::Duration> waits;
  const absl::Duration from = fleet.now();
  while (most_changes > 0) {
    const absl::Duration next = fleet.NextChange();
    if (next == absl::InfiniteDuration()) break;
    for (const FleetChange& change : fleet.AdvanceTo(next)) {
      --most_changes;
      if (!change.ended) waits[change.order] = fleet.now() - from;
    }
  }
  return waits;
}

}  // namespace darkroom::scheduler
