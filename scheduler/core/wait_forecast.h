#ifndef DARKROOM_SCHEDULER_CORE_WAIT_FORECAST_H_
#define DARKROOM_SCHEDULER_CORE_WAIT_FORECAST_H_

#include <cstdint>
#include <map>

#include "absl/time/time.h"
#include "scheduler/core/fleet_model.h"

namespace darkroom::scheduler {

// How long each queued job waits if nobody comes later: a copy of the fleet is run ahead until all
// have begun. What comes later may overtake them, by its tier, as a newcomer, or because its model
// is loaded; no forecast knows that, so waits are to be foretold again while jobs wait.
//
// A forecast of n jobs takes O(n log n), so there is a limit on what is run ahead: `most_changes`
// beginnings and ends of jobs. Jobs that have not begun by then are absent.
//
// By the jobs' order, from `fleet.now()`. Pure.
std::map<std::int64_t, absl::Duration> ForecastWaits(FleetModel fleet, int most_changes);

}  // namespace darkroom::scheduler

#endif  // DARKROOM_SCHEDULER_CORE_WAIT_FORECAST_H_
