#ifndef DARKROOM_WORKER_DIFFUSION_SAMPLING_SIGMA_SCHEDULE_H_
#define DARKROOM_WORKER_DIFFUSION_SAMPLING_SIGMA_SCHEDULE_H_

#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "worker/diffusion/sampling/noise_schedule.h"

namespace darkroom::diffusion {

// The noise levels that a sampler visits in `steps` ≥ 1 steps on a model: steps + 1 values, falling
// from the model's largest sigma, the last one 0.
using SigmaFunction = std::vector<double> (*)(const NoiseSchedule& model, int steps);

// The model's own levels at evenly spaced timesteps (k-diffusion's DiscreteSchedule.get_sigmas).
std::vector<double> UniformSigmas(const NoiseSchedule& model, int steps);

// Equation 5 of Karras et al., "Elucidating the design space of diffusion-based generative models"
// (2022), with ρ = 7 between the model's smallest and largest sigma (k-diffusion's
// get_sigmas_karras).
std::vector<double> KarrasSigmas(const NoiseSchedule& model, int steps);

struct SigmaScheduleDefinition {
  absl::string_view name;  // as people know it: "Karras"
  SigmaFunction sigmas;
};

// "Automatic" is not among them: it stands for the schedule that a sampler recommends.
absl::Span<const SigmaScheduleDefinition> SigmaSchedules();

// Null when there is none of this name.
const SigmaScheduleDefinition* FindSigmaSchedule(absl::string_view name);

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_SAMPLING_SIGMA_SCHEDULE_H_
