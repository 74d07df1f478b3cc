// darkroom-sim: what an order of the queue does to tenants, in simulated time.

#include <cstdint>
#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/flags.h"
#include "scheduler/sim/simulation.h"
#include "scheduler/sim/summary.h"
#include "scheduler/sim/workload.h"

ABSL_FLAG(std::string, scenario, "mixed", "heavy, burst, tiers or mixed (workload.h)");
ABSL_FLAG(std::string, order, "fair",
          "fair; fcfs: first come first served; or loaded: jobs of a loaded model first");
ABSL_FLAG(int, seed, 1, "of everything that is drawn");
ABSL_FLAG(int, tenants, 1000, "in tiers and mixed");
ABSL_FLAG(int, models, 3, "that jobs ask for");
ABSL_FLAG(int, workers, 4, "GPUs");
ABSL_FLAG(int, capacity, 8, "jobs that a worker computes at once");
ABSL_FLAG(double, alone, 0.6, "share of a step's time that does not grow with its jobs");
ABSL_FLAG(double, load, 0.9, "in mixed: work offered, over the time of the workers");
ABSL_FLAG(absl::Duration, length, absl::Hours(1), "simulated time");
ABSL_FLAG(absl::Duration, mean_work, absl::Seconds(8), "device time of a job that runs alone");
ABSL_FLAG(absl::Duration, model_load, absl::Seconds(10), "time that loading a model takes");
ABSL_FLAG(double, prediction_error, 0.1, "standard deviation of log(foretold / real) device time");
ABSL_FLAG(int, most_forecast, 300,
          "jobs up to which waits are foretold by running the fleet ahead; beyond, and with 0 "
          "always, by the throughput, as gateways do");
ABSL_FLAG(absl::Duration, affinity_slack, absl::Seconds(30), "as of darkroom-worker");
ABSL_FLAG(absl::Duration, fill_slack, absl::Seconds(15), "as of darkroom-worker");

namespace {

using darkroom::scheduler::sim::Order;
using darkroom::scheduler::sim::SimulationOptions;
using darkroom::scheduler::sim::WorkloadOptions;

WorkloadOptions WorkloadFromFlags() {
  return {.scenario = absl::GetFlag(FLAGS_scenario),
          .seed = static_cast<std::uint64_t>(absl::GetFlag(FLAGS_seed)),
          .tenants = absl::GetFlag(FLAGS_tenants),
          .models = absl::GetFlag(FLAGS_models),
          .length = absl::GetFlag(FLAGS_length),
          .load = absl::GetFlag(FLAGS_load),
          .workers = absl::GetFlag(FLAGS_workers),
          .mean_work = absl::GetFlag(FLAGS_mean_work),
          .prediction_error = absl::GetFlag(FLAGS_prediction_error)};
}

absl::StatusOr<SimulationOptions> SimulationFromFlags() {
  SimulationOptions options;
  const std::map<std::string, Order> orders = {{"fair", Order::kFair},
                                               {"fcfs", Order::kFirstComeFirstServed},
                                               {"loaded", Order::kLoadedFirst}};
  const auto order = orders.find(absl::GetFlag(FLAGS_order));
  if (order == orders.end()) {
    return absl::InvalidArgumentError("--order is neither fair nor fcfs nor loaded");
  }
  options.order = order->second;
  options.fleet = {.workers = absl::GetFlag(FLAGS_workers),
                   .capacity = absl::GetFlag(FLAGS_capacity),
                   .alone = absl::GetFlag(FLAGS_alone),
                   .load = absl::GetFlag(FLAGS_model_load),
                   .affinity_slack = absl::GetFlag(FLAGS_affinity_slack),
                   .fill_slack = absl::GetFlag(FLAGS_fill_slack)};
  options.length = absl::GetFlag(FLAGS_length);
  options.most_forecast = absl::GetFlag(FLAGS_most_forecast);
  if (options.fleet.capacity < 1) return absl::InvalidArgumentError("--capacity is below 1");
  return options;
}

absl::Status Run() {
  const absl::StatusOr<SimulationOptions> options = SimulationFromFlags();
  if (!options.ok()) return options.status();
  const auto arrivals = darkroom::scheduler::sim::MakeWorkload(WorkloadFromFlags());
  if (!arrivals.ok()) return arrivals.status();
  const auto run = darkroom::scheduler::sim::Simulate(*arrivals, *options);
  const auto summary = darkroom::scheduler::sim::Summarise(*arrivals, run, *options);
  std::fputs(ToJson(summary).c_str(), stdout);
  return absl::OkStatus();
}

}  // namespace

int main(int argc, char** argv) {
  darkroom::ParseFlags(
      "Simulates a fleet that serves many tenants, and prints JSON: how evenly device time was "
      "shared, how long jobs waited, how much of the fleet's time was useful, and how far promised "
      "waits were off.\n  darkroom-sim --scenario=heavy\n  darkroom-sim --scenario=burst "
      "--order=fcfs",
      argc, argv);
  const absl::Status status = Run();
  if (!status.ok())
    std::fprintf(stderr, "darkroom-sim: %s\n", std::string(status.message()).c_str());
  return status.ok() ? 0 : 1;
}
