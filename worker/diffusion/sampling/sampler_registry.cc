#include "worker/diffusion/sampling/sampler_registry.h"

#include <algorithm>
#include <iterator>

#include "absl/status/status.h"
#include "worker/diffusion/sampling/samplers.h"
#include "worker/diffusion/sampling/sigma_schedule.h"

namespace darkroom::diffusion {
namespace {

constexpr absl::string_view kAutomatic = "Automatic";

// DDIM chooses its timesteps itself, whatever the schedule.
constexpr SamplerDefinition kSamplers[] = {
    {.name = "DPM++ 2M", .function = DpmPlusPlus2M, .automatic_schedule = "Karras"},
    {.name = "Euler a", .function = EulerAncestral, .automatic_schedule = "Uniform"},
    {.name = "Euler", .function = Euler, .automatic_schedule = "Uniform"},
    {.name = "DDIM", .function = Ddim, .automatic_schedule = "Uniform"},
};

}  // namespace

absl::Span<const SamplerDefinition> Samplers() { return kSamplers; }

const SamplerDefinition* FindSampler(absl::string_view name) {
  const auto* found = std::find_if(std::begin(kSamplers), std::end(kSamplers),
                                   [name](const auto& sampler) { return sampler.name == name; });
  return found == std::end(kSamplers) ? nullptr : found;
}

std::vector<std::string> SamplerNames() {
  std::vector<std::string> names;
  for (const SamplerDefinition& sampler : kSamplers) names.emplace_back(sampler.name);
  return names;
}

std::vector<std::string> ScheduleNames() {
  std::vector<std::string> names = {std::string(kAutomatic)};
  for (const SigmaScheduleDefinition& schedule : SigmaSchedules()) {
    names.emplace_back(schedule.name);
  }
  return names;
}

absl::StatusOr<std::vector<double>> ResolveSigmas(const SamplerDefinition& sampler,
                                                  absl::string_view schedule,
                                                  const NoiseSchedule& model, int steps) {
  const SigmaScheduleDefinition* found =
      FindSigmaSchedule(schedule == kAutomatic ? sampler.automatic_schedule : schedule);
  if (found == nullptr) return absl::InvalidArgumentError("unknown schedule");
  return found->sigmas(model, steps);
}

}  // namespace darkroom::diffusion
