#ifndef DARKROOM_WORKER_DIFFUSION_SAMPLING_SAMPLER_REGISTRY_H_
#define DARKROOM_WORKER_DIFFUSION_SAMPLING_SAMPLER_REGISTRY_H_

#include <array>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "worker/diffusion/sampling/noise_schedule.h"
#include "worker/diffusion/sampling/sampler.h"

namespace darkroom::diffusion {

// What AUTOMATIC1111 knows of a sampler.
struct SamplerDefinition {
  absl::string_view name;  // as people know it: "DPM++ 2M"
  SamplerFunction function;
  std::array<absl::string_view, 2> aliases = {};     // "k_dpmpp_2m"
  absl::string_view automatic_schedule = "Uniform";  // what "Automatic" stands for
  double eta = 1;                                    // the default of SamplerOptions::eta
  bool second_order = false;                         // two calls a step, but for the last
  bool uses_ensd = false;                    // its noise may be moved by the eta noise seed delta
  bool discards_next_to_last_sigma = false;  // one step more is laid out, and its end left out
  bool brownian_noise = false;               // SamplerContext::BrownianNoise
  bool own_sigmas = false;                   // the schedule gives it the first noise alone
  bool own_timesteps = false;                // the schedule has no say at all
  bool lcm_levels = false;                   // the schedule is laid over a distilled model's levels
  // CFG++: the request's guidance scale is multiplied by this, and the unconditional prediction is
  // needed at every scale.
  double guidance_factor = 1;
  bool uses_uncond = false;
};

// A new sampler is one entry in its table, one line in samplers.h and one file.
absl::Span<const SamplerDefinition> Samplers();

// By its name or an alias, in any case. Null when there is none.
const SamplerDefinition* FindSampler(absl::string_view name);

// Every name that a request may use, "Automatic" among the schedules.
std::vector<std::string> SamplerNames();
std::vector<std::string> ScheduleNames();

struct SamplerChoice {
  const SamplerDefinition* sampler = nullptr;
  std::string schedule;  // one of ScheduleNames()
};

// What clients of AUTOMATIC1111 mean by a sampler and a schedule: both in any case, the sampler
// also by an alias, the schedule also as "sgm_uniform" or "SGMUniform"; no schedule is "Automatic".
// A legacy name carries a schedule at its end ("DPM++ 2M Karras", "k_dpmpp_2m_ka"), which goes
// before `schedule`. INVALID_ARGUMENT where there is none of such a name.
absl::StatusOr<SamplerChoice> ResolveSampler(absl::string_view name, absl::string_view schedule);

// The sigmas of a request. INVALID_ARGUMENT for an unknown schedule.
absl::StatusOr<std::vector<double>> ResolveSigmas(const SamplerDefinition& sampler,
                                                  absl::string_view schedule,
                                                  const NoiseSchedule& model, int steps);

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_SAMPLING_SAMPLER_REGISTRY_H_
