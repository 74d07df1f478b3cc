#ifndef DARKROOM_SCHEDULER_SIM_SIMULATION_H_
#define DARKROOM_SCHEDULER_SIM_SIMULATION_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "scheduler/core/fleet_model.h"
#include "scheduler/sim/workload.h"

namespace darkroom::scheduler::sim {

enum class Order {
  kFair,                  // FairQueue, as it is used
  kFirstComeFirstServed,  // everybody is one tenant, and models are loaded as they come
  kLoadedFirst,  // one tenant, and a loaded model as long as there are jobs of it: no order has
                 // more of the fleet's time
};

struct SimulationOptions {
  Order order = Order::kFair;  // others than kFair do without the fleet's slacks
  FleetTerms fleet = {};
  absl::Duration length = absl::Hours(1);  // then it is cut off
  // Jobs, queued or running. Where there are more, waits are foretold by the throughput, which is
  // all that a gateway knows.
  int most_forecast = 300;
};

// What has become of a job.
struct Outcome {
  absl::Duration promised;  // wait, when it was queued
  // Wait that it would have had if nobody had come later: as much of it as can be known when it is
  // queued. Infinite when too many jobs waited to work it out (kMostUndisturbed).
  absl::Duration undisturbed = absl::InfiniteDuration();
  absl::Duration leased = absl::InfiniteDuration();
  absl::Duration ended = absl::InfiniteDuration();
  absl::Duration charged;
  // When it was to begin, each time that it was foretold; the first is when it was queued. Later
  // ones come each kRefresh, as long as it waits.
  std::vector<absl::Duration> foretold_begins = {};
};

inline constexpr absl::Duration kRefresh = absl::Seconds(2);
inline constexpr int kMostUndisturbed = 300;  // jobs, queued or running

struct Run {
  std::vector<Outcome> outcomes;  // of the arrivals, in order
  absl::Duration worked;          // sum of the work of what was computed, had it run alone
  absl::Duration computing;       // of all workers
  absl::Duration loading;
};

// Pure: the same for the same arguments.
Run Simulate(const std::vector<Arrival>& arrivals, const SimulationOptions& options);

}  // namespace darkroom::scheduler::sim

#endif  // DARKROOM_SCHEDULER_SIM_SIMULATION_H_
