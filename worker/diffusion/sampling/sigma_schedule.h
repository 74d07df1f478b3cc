#ifndef DARKROOM_WORKER_DIFFUSION_SAMPLING_SIGMA_SCHEDULE_H_
#define DARKROOM_WORKER_DIFFUSION_SAMPLING_SIGMA_SCHEDULE_H_

#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "worker/diffusion/sampling/noise_schedule.h"

namespace darkroom::diffusion {

// What a request may change about a schedule, in AUTOMATIC1111's terms; 0 stands for the schedule's
// or the model's own value. As there, the ends are ignored by the schedules that choose among the
// model's levels (Uniform, Simple, DDIM) or have a table (Align Your Steps).
struct SigmaOptions {
  double sigma_min = 0;
  double sigma_max = 0;
  double rho = 0;           // how Karras and Polyexponential are bent
  double beta_alpha = 0.6;  // the shape of Beta, both above 0
  double beta_beta = 0.6;
  bool sdxl = false;  // which table of Align Your Steps
  // One more step, whose sigma, the last above the end, is then left out: for samplers that would
  // spend their last step on almost no noise.
  bool discard_next_to_last = false;
};

// A request in which nothing is open any more: every value is given.
struct SigmaInput {
  const NoiseSchedule& model;
  int steps = 1;  // at least 1
  double sigma_min = 0;
  double sigma_max = 0;
  double rho = 0;
  double beta_alpha = 0;
  double beta_beta = 0;
  bool sdxl = false;
};

using SigmaFunction = std::vector<double> (*)(const SigmaInput& input);

struct SigmaScheduleDefinition {
  absl::string_view name;  // as people know it: "Karras"
  SigmaFunction function;
  double rho = 0;  // its own; 0 where there is none

  // The noise levels that a sampler visits in `steps` ≥ 1 steps on a model, falling: steps + 1
  // values of which the last is 0. Two schedules are exceptions, as AUTOMATIC1111 has them: DDIM
  // has more steps where they do not divide the model's timesteps (32 for 31), and KL Optimal ends
  // at sigma_min.
  std::vector<double> sigmas(const NoiseSchedule& model, int steps,
                             const SigmaOptions& options = {}) const;
};

// A new schedule is one line in the table and one function. "Automatic" is not among them: it
// stands for the schedule that a sampler recommends.
absl::Span<const SigmaScheduleDefinition> SigmaSchedules();

// Null when there is none of this name.
const SigmaScheduleDefinition* FindSigmaSchedule(absl::string_view name);

// The two that samplers recommend most, without options.
std::vector<double> UniformSigmas(const NoiseSchedule& model, int steps);
std::vector<double> KarrasSigmas(const NoiseSchedule& model, int steps);

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_SAMPLING_SIGMA_SCHEDULE_H_
