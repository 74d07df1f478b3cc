#ifndef DARKROOM_CLI_LOAD_LOAD_PLAN_H_
#define DARKROOM_CLI_LOAD_LOAD_PLAN_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "darkroom/v1/image_parameters.pb.h"

namespace darkroom::cli {

// One of the sorts of jobs that are asked for.
struct JobKind {
  std::string name;   // as it was written
  double weight = 1;  // its share, against the others'
  darkroom::v1::ImageParameters parameters = {};
};

// Reads "3 steps=20 width=512 height=512 prompt=a_red_apple": a weight, which may be left out, and
// options of `darkroom generate` without their dashes; in the prompt "_" stands for a blank.
// INVALID_ARGUMENT with the word that is not understood.
absl::StatusOr<JobKind> ParseJobKind(absl::string_view text);

// What is to be asked for.
struct LoadPlan {
  double rate = 1;  // jobs a second, on average
  absl::Duration duration = absl::Minutes(1);
  int tenants = 1;
  std::vector<JobKind> kinds = {};  // at least one
  std::uint64_t seed = 1;
};

// A job that is to be asked for at one moment.
struct Arrival {
  absl::Duration at = absl::ZeroDuration();  // since the beginning
  int tenant = 0;
  int kind = 0;

  friend bool operator==(const Arrival&, const Arrival&) = default;
};

// A Poisson process: the times between arrivals are exponential, whatever became of the jobs before
// (an open loop). Tenants ask equally often, kinds by weight. The same plan gives the same
// arrivals.
std::vector<Arrival> PlanArrivals(const LoadPlan& plan);

}  // namespace darkroom::cli

#endif  // DARKROOM_CLI_LOAD_LOAD_PLAN_H_
