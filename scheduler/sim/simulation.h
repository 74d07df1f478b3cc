#ifndef DARKROOM_SCHEDULER_SIM_SIMULATION_H_
#define DARKROOM_SCHEDULER_SIM_SIMULATION_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "scheduler/sim/workload.h"

namespace darkroom::scheduler::sim {

enum class Order {
  kFair,                  // FairQueue, as it is used
  kFirstComeFirstServed,  // everybody is one tenant, and models are loaded as they come
  kLoadedFirst,  // one tenant, and a loaded model as long as there are jobs of it: no order has
                 // more of the fleet's time
};

// What serves. A worker computes up to `capacity` jobs of its loaded model side by side; k of them
// advance 1 / (alone + (1 - alone) k) as fast as one, and each is charged a k-th of the time. A job
// of another model waits until those have ended and it is loaded.
struct Fleet {
  int workers = 4;
  int capacity = 8;
  double alone = 0.6;  // share of a step's time that does not grow with its jobs
  absl::Duration load = absl::Seconds(10);
};

struct SimulationOptions {
  Order order = Order::kFair;
  Fleet fleet = {};
  absl::Duration affinity_slack = absl::Seconds(30);
  absl::Duration fill_slack = absl::Seconds(15);
  absl::Duration length = absl::Hours(1);  // then it is cut off
};

// What has become of a job.
struct Outcome {
  absl::Duration promised;  // wait, when it was queued
  absl::Duration leased = absl::InfiniteDuration();
  absl::Duration ended = absl::InfiniteDuration();
  absl::Duration charged;
};

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
