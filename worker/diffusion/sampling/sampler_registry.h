#ifndef DARKROOM_WORKER_DIFFUSION_SAMPLING_SAMPLER_REGISTRY_H_
#define DARKROOM_WORKER_DIFFUSION_SAMPLING_SAMPLER_REGISTRY_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "worker/diffusion/sampling/noise_schedule.h"
#include "worker/diffusion/sampling/sampler.h"

namespace darkroom::diffusion {

struct SamplerDefinition {
  absl::string_view name;  // as people know it: "DPM++ 2M"
  SamplerFunction function;
  absl::string_view automatic_schedule;  // what "Automatic" stands for
};

// A new sampler is one line here, one in samplers.h and one file.
absl::Span<const SamplerDefinition> Samplers();

// Null when there is none of this name.
const SamplerDefinition* FindSampler(absl::string_view name);

// Every name that a request may use, "Automatic" among the schedules.
std::vector<std::string> SamplerNames();
std::vector<std::string> ScheduleNames();

// The sigmas of a request. INVALID_ARGUMENT for an unknown schedule.
absl::StatusOr<std::vector<double>> ResolveSigmas(const SamplerDefinition& sampler,
                                                  absl::string_view schedule,
                                                  const NoiseSchedule& model, int steps);

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_SAMPLING_SAMPLER_REGISTRY_H_
