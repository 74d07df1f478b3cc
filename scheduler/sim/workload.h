#ifndef DARKROOM_SCHEDULER_SIM_WORKLOAD_H_
#define DARKROOM_SCHEDULER_SIM_WORKLOAD_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace darkroom::scheduler::sim {

// A job as it arrives.
struct Arrival {
  absl::Duration time;  // since the start
  std::string tier;
  std::int64_t weight = 1;  // of the tier
  std::string tenant;
  std::string group;  // what waits are reported of together
  std::string model;
  absl::Duration work;      // device time when it runs alone
  absl::Duration foretold;  // what the gateway predicts of that
};

// What is offered to a fleet.
struct WorkloadOptions {
  std::string scenario = "mixed";
  std::uint64_t seed = 1;
  int tenants = 1000;  // in tiers and mixed
  int models = 3;
  absl::Duration length = absl::Hours(1);  // in which jobs arrive
  // Of the device time that the fleet has in it when every job runs alone: 1 is full.
  double load = 0.9;
  int workers = 4;
  absl::Duration mean_work = absl::Seconds(8);
  double prediction_error = 0.1;  // standard deviation of log(foretold / work)
};

// By time. Scenarios:
//   heavy  one tenant of 10,000 jobs at the start, and 50 with 100 each
//   burst  the same heavy tenant, and 50 that come back for one job each 10 minutes on average
//   tiers  `tenants` in three tiers (weights 8, 3 and 1; a tenth, three tenths and six tenths of
//          them) with 4,000 jobs each at the start
//   mixed  the same tenants, jobs by chance, tenants and models by Zipf's law
// Works are log-normal. INVALID_ARGUMENT names what is wrong with the options.
absl::StatusOr<std::vector<Arrival>> MakeWorkload(const WorkloadOptions& options);

}  // namespace darkroom::scheduler::sim

#endif  // DARKROOM_SCHEDULER_SIM_WORKLOAD_H_
