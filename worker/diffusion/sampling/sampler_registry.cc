#include "worker/diffusion/sampling/sampler_registry.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "worker/diffusion/sampling/lcm_stride.h"
#include "worker/diffusion/sampling/samplers.h"
#include "worker/diffusion/sampling/sigma_schedule.h"

namespace darkroom::diffusion {
namespace {

constexpr absl::string_view kAutomatic = "Automatic";

// In the order in which AUTOMATIC1111 lists them.
constexpr SamplerDefinition kSamplers[] = {
    {.name = "DPM++ 2M",
     .function = DpmPlusPlus2M,
     .aliases = {"k_dpmpp_2m"},
     .automatic_schedule = "Karras"},
    {.name = "DPM++ SDE",
     .function = DpmPlusPlusSde,
     .aliases = {"k_dpmpp_sde"},
     .automatic_schedule = "Karras",
     .second_order = true,
     .brownian_noise = true},
    {.name = "DPM++ 2M SDE",
     .function = DpmPlusPlus2MSde,
     .aliases = {"k_dpmpp_2m_sde"},
     .automatic_schedule = "Exponential",
     .brownian_noise = true},
    {.name = "DPM++ 2M SDE Heun",
     .function = DpmPlusPlus2MSdeHeun,
     .aliases = {"k_dpmpp_2m_sde_heun"},
     .automatic_schedule = "Exponential",
     .brownian_noise = true},
    {.name = "DPM++ 2S a",
     .function = DpmPlusPlus2SAncestral,
     .aliases = {"k_dpmpp_2s_a"},
     .automatic_schedule = "Karras",
     .second_order = true,
     .uses_ensd = true},
    {.name = "DPM++ 3M SDE",
     .function = DpmPlusPlus3MSde,
     .aliases = {"k_dpmpp_3m_sde"},
     .automatic_schedule = "Exponential",
     .discards_next_to_last_sigma = true,
     .brownian_noise = true},
    {.name = "Euler a",
     .function = EulerAncestral,
     .aliases = {"k_euler_a", "k_euler_ancestral"},
     .uses_ensd = true},
    {.name = "Euler", .function = Euler, .aliases = {"k_euler"}},
    {.name = "LMS", .function = Lms, .aliases = {"k_lms"}},
    {.name = "Heun", .function = Heun, .aliases = {"k_heun"}, .second_order = true},
    {.name = "DPM2",
     .function = Dpm2,
     .aliases = {"k_dpm_2"},
     .automatic_schedule = "Karras",
     .second_order = true,
     .discards_next_to_last_sigma = true},
    {.name = "DPM2 a",
     .function = Dpm2Ancestral,
     .aliases = {"k_dpm_2_a"},
     .automatic_schedule = "Karras",
     .second_order = true,
     .uses_ensd = true,
     .discards_next_to_last_sigma = true},
    {.name = "DPM fast",
     .function = DpmFast,
     .aliases = {"k_dpm_fast"},
     .uses_ensd = true,
     .own_sigmas = true},
    {.name = "DPM adaptive",
     .function = DpmAdaptive,
     .aliases = {"k_dpm_ad"},
     .uses_ensd = true,
     .own_sigmas = true},
    {.name = "Restart",
     .function = Restart,
     .aliases = {"restart"},
     .automatic_schedule = "Karras",
     .second_order = true},
    {.name = "DDIM", .function = Ddim, .aliases = {"ddim"}, .eta = 0, .own_timesteps = true},
    {.name = "DDIM CFG++",
     .function = DdimCfgPlusPlus,
     .aliases = {"ddim_cfgpp"},
     .eta = 0,
     .own_timesteps = true,
     .guidance_factor = 1 / 12.5,
     .uses_uncond = true},
    {.name = "PLMS", .function = Plms, .aliases = {"plms"}, .own_timesteps = true},
    {.name = "UniPC", .function = UniPc, .aliases = {"unipc"}, .own_timesteps = true},
    {.name = "LCM", .function = Lcm, .aliases = {"k_lcm"}, .lcm_levels = true},
};

// Of aliases that carried a schedule.
constexpr std::pair<absl::string_view, absl::string_view> kLegacySuffixes[] = {
    {"_ka", "Karras"}, {"_exp", "Exponential"}};

std::string Squeeze(absl::string_view name) {
  return absl::AsciiStrToLower(absl::StrReplaceAll(name, {{" ", ""}, {"_", ""}}));
}

// The schedule's proper name, or nothing.
std::string FindScheduleName(absl::string_view name) {
  if (name.empty()) return std::string(kAutomatic);
  for (std::string& known : ScheduleNames()) {
    if (Squeeze(known) == Squeeze(name)) return std::move(known);
  }
  return {};
}

// What a legacy name carries; no sampler where it is none.
SamplerChoice SplitLegacyName(absl::string_view name) {
  for (std::size_t space = name.find(' '); space != name.npos; space = name.find(' ', space + 1)) {
    SamplerChoice choice{.sampler = FindSampler(name.substr(0, space)),
                         .schedule = FindScheduleName(name.substr(space + 1))};
    if (choice.sampler != nullptr && !choice.schedule.empty()) return choice;
  }
  for (const auto& [suffix, schedule] : kLegacySuffixes) {
    if (!absl::EndsWithIgnoreCase(name, suffix)) continue;
    return {.sampler = FindSampler(name.substr(0, name.size() - suffix.size())),
            .schedule = FindScheduleName(schedule)};
  }
  return {};
}

}  // namespace

absl::Span<const SamplerDefinition> Samplers() { return kSamplers; }

const SamplerDefinition* FindSampler(absl::string_view name) {
  if (name.empty()) return nullptr;
  for (const SamplerDefinition& sampler : kSamplers) {
    if (absl::EqualsIgnoreCase(sampler.name, name)) return &sampler;
    for (const absl::string_view alias : sampler.aliases) {
      if (absl::EqualsIgnoreCase(alias, name)) return &sampler;
    }
  }
  return nullptr;
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

absl::StatusOr<SamplerChoice> ResolveSampler(absl::string_view name, absl::string_view schedule) {
  SamplerChoice choice{.sampler = FindSampler(name), .schedule = FindScheduleName(schedule)};
  if (choice.sampler == nullptr) choice = SplitLegacyName(name);
  if (choice.sampler == nullptr) return absl::InvalidArgumentError("unknown sampler");
  if (choice.schedule.empty()) return absl::InvalidArgumentError("unknown schedule");
  return choice;
}

absl::StatusOr<std::vector<double>> ResolveSigmas(const SamplerDefinition& sampler,
                                                  absl::string_view schedule,
                                                  const NoiseSchedule& model, int steps) {
  const SigmaScheduleDefinition* found =
      FindSigmaSchedule(schedule == kAutomatic ? sampler.automatic_schedule : schedule);
  if (found == nullptr) return absl::InvalidArgumentError("unknown schedule");
  if (sampler.own_timesteps) return UniformSigmas(model, steps);
  return found->sigmas(sampler.lcm_levels ? model.Every(LcmStride(model)) : model, steps,
                       {.discard_next_to_last = sampler.discards_next_to_last_sigma});
}

}  // namespace darkroom::diffusion
