#ifndef DARKROOM_SCHEDULER_SIM_SUMMARY_H_
#define DARKROOM_SCHEDULER_SIM_SUMMARY_H_

#include <map>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "scheduler/sim/simulation.h"
#include "scheduler/sim/workload.h"

namespace darkroom::scheduler::sim {

struct Quantiles {
  int count = 0;
  double p50 = 0;
  double p90 = 0;
  double max = 0;
};

// Of any values; zeros when there are none.
Quantiles QuantilesOf(std::vector<double> values);

// How far promised waits were off, of jobs that waited for kLeastWait at least (of `undisturbed`:
// would have waited).
struct PromiseErrors {
  // The first promise p and the wait w that would have been if nobody had come later: |p - w| / w.
  // This is what a promise can be right about.
  Quantiles undisturbed;
  // Of it and the real wait w, |p - w| / w.
  Quantiles first;
  // The same of a promise that knows all about the jobs that are there, so that only those that
  // come later can prove it wrong: no first promise can be expected to do better.
  Quantiles first_at_best;
  // Of jobs whose promise was renewed, each kRefresh: over all that a job got, the mean of
  // |promised begin - real begin| / w.
  Quantiles renewed;
};

struct Summary {
  // Jain's index, (sum x)^2 / (n sum x^2), over tenants of device time had while jobs of theirs
  // waited, divided by their fair share of what all those had then. 1: everybody got the same part
  // of its share. Of the tenants that had jobs waiting for kLeastBacklog of the time at least.
  double weighted_jain = 1;
  int judged_tenants = 0;
  std::map<std::string, Quantiles> waits;  // by group, seconds until a job was computed
  double useful_share = 0;   // work done over the time of all workers; batches make it exceed 1
  double loading_share = 0;  // of the time of all workers
  int ended = 0;             // jobs
  PromiseErrors promises;
};

inline constexpr double kLeastBacklog = 0.5;
inline constexpr absl::Duration kLeastWait = absl::Seconds(5);

Summary Summarise(const std::vector<Arrival>& arrivals, const Run& run,
                  const SimulationOptions& options);

// As JSON.
std::string ToJson(const Summary& summary);

}  // namespace darkroom::scheduler::sim

#endif  // DARKROOM_SCHEDULER_SIM_SUMMARY_H_
