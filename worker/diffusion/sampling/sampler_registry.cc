#include "worker/diffusion/sampling/sampler_registry.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "worker/diffusion/sampling/lcm_stride.h"
#include "worker/diffusion/sampling/samplers.h"

namespace darkroom::diffusion {
namespace {

constexpr SamplerDefinition kSamplers[] = {
    {.name = "DPM++ 2M", .function = DpmPlusPlus2M},
    {.name = "DPM++ SDE", .function = DpmPlusPlusSde, .brownian_noise = true},
    {.name = "DPM++ 2M SDE", .function = DpmPlusPlus2MSde, .brownian_noise = true},
    {.name = "DPM++ 2M SDE Heun", .function = DpmPlusPlus2MSdeHeun, .brownian_noise = true},
    {.name = "DPM++ 2S a", .function = DpmPlusPlus2SAncestral},
    {.name = "DPM++ 3M SDE",
     .function = DpmPlusPlus3MSde,
     .discards_next_to_last_sigma = true,
     .brownian_noise = true},
    {.name = "Euler a", .function = EulerAncestral},
    {.name = "Euler", .function = Euler},
    {.name = "LMS", .function = Lms},
    {.name = "Heun", .function = Heun},
    {.name = "DPM2", .function = Dpm2, .discards_next_to_last_sigma = true},
    {.name = "DPM2 a", .function = Dpm2Ancestral, .discards_next_to_last_sigma = true},
    {.name = "DPM fast", .function = DpmFast, .own_sigmas = true},
    {.name = "DPM adaptive", .function = DpmAdaptive, .own_sigmas = true},
    {.name = "Restart", .function = Restart},
    {.name = "DDIM", .function = Ddim},
    {.name = "DDIM CFG++",
     .function = DdimCfgPlusPlus,
     .guidance_factor = 1 / 12.5,
     .uses_uncond = true},
    {.name = "PLMS", .function = Plms},
    {.name = "UniPC", .function = UniPc},
    {.name = "LCM", .function = Lcm, .lcm_levels = true},
};

// Of options that lie far apart: the ends the wrong way round, a bend that overflows.
absl::Status CheckSigmas(const std::vector<double>& sigmas, const SigmaOptions& options) {
  bool usable = true;
  for (std::size_t i = 0; i + 1 < sigmas.size(); ++i) {
    usable &= std::isfinite(sigmas[i]) && sigmas[i] > 0 && sigmas[i] >= sigmas[i + 1];
  }
  if (usable) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("schedule_options (sigma_min ", options.sigma_min, ", sigma_max ",
                   options.sigma_max, ", rho ", options.rho,
                   ", 0 being the model's own) give no falling noise levels; leave them unset or "
                   "nearer to the model's"));
}

// All that the schedule makes.
absl::StatusOr<std::vector<double>> LayOut(const SamplerDefinition& sampler,
                                           absl::string_view schedule, const NoiseSchedule& model,
                                           int steps, SigmaOptions options) {
  const absl::string_view used = naming::UsedSchedule(sampler.facts(), schedule);
  const SigmaScheduleDefinition* found =
      FindSigmaSchedule(used == naming::kAutomatic ? "Uniform" : used);
  if (found == nullptr) return absl::InvalidArgumentError("unknown schedule");
  if (sampler.facts().over_timesteps) {
    // There AUTOMATIC1111 lays out the further step and leaves nothing out.
    return UniformSigmas(model, steps + (options.discard_next_to_last ? 1 : 0));
  }
  options.discard_next_to_last |= sampler.discards_next_to_last_sigma;
  std::vector<double> sigmas =
      found->sigmas(sampler.lcm_levels ? model.Every(LcmStride(model)) : model, steps, options);
  if (absl::Status status = CheckSigmas(sigmas, options); !status.ok()) return status;
  return sigmas;
}

}  // namespace

absl::Span<const SamplerDefinition> Samplers() { return kSamplers; }

const SamplerDefinition* FindSampler(absl::string_view name) {
  const auto* found = std::find_if(std::begin(kSamplers), std::end(kSamplers),
                                   [name](const auto& sampler) { return sampler.name == name; });
  return found == std::end(kSamplers) ? nullptr : found;
}

absl::StatusOr<std::vector<double>> ResolveSigmas(const SamplerDefinition& sampler,
                                                  absl::string_view schedule,
                                                  const NoiseSchedule& model, int steps,
                                                  SigmaOptions options) {
  absl::StatusOr<std::vector<double>> sigmas = LayOut(sampler, schedule, model, steps, options);
  // The number of the request's steps is theirs too, of which a schedule may make more.
  if (sigmas.ok() && sampler.own_sigmas) sigmas->resize(static_cast<std::size_t>(steps) + 1);
  return sigmas;
}

absl::StatusOr<InitSchedule> ResolveInitSigmas(const SamplerDefinition& sampler,
                                               absl::string_view schedule,
                                               const NoiseSchedule& model, int steps,
                                               int encoded_steps, SigmaOptions options) {
  DARKROOM_ASSIGN_OR_RETURN(const std::vector<double> whole,
                            LayOut(sampler, schedule, model, steps, options));
  return InitSchedule{.sigmas = {whole.begin() + (steps - encoded_steps - 1), whole.end()},
                      .first_sigma = whole.front()};
}

}  // namespace darkroom::diffusion
