#ifndef DARKROOM_WORKER_DIFFUSION_SAMPLING_SAMPLER_REGISTRY_H_
#define DARKROOM_WORKER_DIFFUSION_SAMPLING_SAMPLER_REGISTRY_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "naming/sampler_names.h"
#include "worker/diffusion/sampling/noise_schedule.h"
#include "worker/diffusion/sampling/sampler.h"
#include "worker/diffusion/sampling/sigma_schedule.h"

namespace darkroom::diffusion {

// A sampler of naming::Samplers(), and what its pictures need of the backend.
struct SamplerDefinition {
  absl::string_view name;  // as there
  SamplerFunction function;
  bool discards_next_to_last_sigma = false;  // one step more is laid out, and its end left out
  bool brownian_noise = false;               // SamplerContext::BrownianNoise
  bool own_sigmas = false;                   // the schedule gives it the first noise alone
  bool lcm_levels = false;                   // the schedule is laid over a distilled model's levels
  // CFG++: the request's guidance scale is multiplied by this, and the unconditional prediction is
  // needed at every scale.
  double guidance_factor = 1;
  bool uses_uncond = false;

  const naming::SamplerName& facts() const { return *naming::FindSampler(name); }
};

// One for each of naming::Samplers(). A new sampler is one entry there, one here, one line in
// samplers.h and one file.
absl::Span<const SamplerDefinition> Samplers();

// By its name. Null when there is none.
const SamplerDefinition* FindSampler(absl::string_view name);

// The sigmas of a request; `schedule` is one of naming::Schedules(). INVALID_ARGUMENT for another,
// and where the options leave no falling, finite sigmas.
absl::StatusOr<std::vector<double>> ResolveSigmas(const SamplerDefinition& sampler,
                                                  absl::string_view schedule,
                                                  const NoiseSchedule& model, int steps,
                                                  SigmaOptions options = {});

// What is left of them for a picture that is noised `encoded_steps` (naming::EncodedSteps) of
// `steps` back: encoded_steps + 2 values, or more where the schedule makes more steps.
struct InitSchedule {
  std::vector<double> sigmas;
  double first_sigma = 0;  // of the whole
};
absl::StatusOr<InitSchedule> ResolveInitSigmas(const SamplerDefinition& sampler,
                                               absl::string_view schedule,
                                               const NoiseSchedule& model, int steps,
                                               int encoded_steps, SigmaOptions options = {});

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_SAMPLING_SAMPLER_REGISTRY_H_
