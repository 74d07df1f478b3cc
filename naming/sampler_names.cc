#include "naming/sampler_names.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"

namespace darkroom::naming {
namespace {

// Which options: the parameters of the sampler's function and modules/sd_samplers_kdiffusion.py,
// sampler_extra_params.
constexpr SamplerName kSamplers[] = {
    {.name = "DPM++ 2M", .aliases = {"k_dpmpp_2m"}, .automatic_schedule = "Karras"},
    {.name = "DPM++ SDE",
     .aliases = {"k_dpmpp_sde"},
     .automatic_schedule = "Karras",
     .second_order = true,
     .takes_eta = true,
     .takes_step_noise = true},
    {.name = "DPM++ 2M SDE",
     .aliases = {"k_dpmpp_2m_sde"},
     .automatic_schedule = "Exponential",
     .takes_eta = true,
     .takes_step_noise = true},
    {.name = "DPM++ 2M SDE Heun",
     .aliases = {"k_dpmpp_2m_sde_heun"},
     .automatic_schedule = "Exponential",
     .takes_eta = true,
     .takes_step_noise = true},
    {.name = "DPM++ 2S a",
     .aliases = {"k_dpmpp_2s_a"},
     .automatic_schedule = "Karras",
     .second_order = true,
     .takes_eta = true,
     .takes_step_noise = true,
     .uses_ensd = true},
    {.name = "DPM++ 3M SDE",
     .aliases = {"k_dpmpp_3m_sde"},
     .automatic_schedule = "Exponential",
     .takes_eta = true,
     .takes_step_noise = true},
    {.name = "Euler a",
     .aliases = {"k_euler_a", "k_euler_ancestral"},
     .takes_eta = true,
     .uses_ensd = true},
    {.name = "Euler", .aliases = {"k_euler"}, .takes_churn = true, .takes_step_noise = true},
    {.name = "LMS", .aliases = {"k_lms"}},
    {.name = "Heun",
     .aliases = {"k_heun"},
     .second_order = true,
     .takes_churn = true,
     .takes_step_noise = true},
    {.name = "DPM2",
     .aliases = {"k_dpm_2"},
     .automatic_schedule = "Karras",
     .second_order = true,
     .takes_churn = true,
     .takes_step_noise = true},
    {.name = "DPM2 a",
     .aliases = {"k_dpm_2_a"},
     .automatic_schedule = "Karras",
     .second_order = true,
     .takes_eta = true,
     .takes_step_noise = true,
     .uses_ensd = true},
    {.name = "DPM fast",
     .aliases = {"k_dpm_fast"},
     .takes_eta = true,
     .takes_step_noise = true,
     .uses_ensd = true},
    {.name = "DPM adaptive", .aliases = {"k_dpm_ad"}, .takes_eta = true, .uses_ensd = true},
    {.name = "Restart",
     .aliases = {"restart"},
     .automatic_schedule = "Karras",
     .second_order = true},
    {.name = "DDIM",
     .aliases = {"ddim"},
     .over_timesteps = true,
     .takes_eta = true,
     .default_eta = 0},
    {.name = "DDIM CFG++",
     .aliases = {"ddim_cfgpp"},
     .over_timesteps = true,
     .takes_eta = true,
     .default_eta = 0},
    {.name = "PLMS", .aliases = {"plms"}, .over_timesteps = true},
    {.name = "UniPC", .aliases = {"unipc"}, .over_timesteps = true},
    {.name = "LCM", .aliases = {"k_lcm"}},
};

// In the order in which AUTOMATIC1111 lists them.
constexpr absl::string_view kSchedules[] = {
    kAutomatic,        "Uniform",     "Karras",     "Exponential",
    "Polyexponential", "SGM Uniform", "KL Optimal", "Align Your Steps",
    "Simple",          "Normal",      "DDIM",       "Beta"};

// Of aliases that carried a schedule.
constexpr std::pair<absl::string_view, absl::string_view> kLegacySuffixes[] = {
    {"_ka", "Karras"}, {"_exp", "Exponential"}};

std::string Squeeze(absl::string_view name) {
  return absl::AsciiStrToLower(absl::StrReplaceAll(name, {{" ", ""}, {"_", ""}}));
}

// What a legacy name carries; no sampler where it is none.
SamplerChoice SplitLegacyName(absl::string_view name) {
  for (std::size_t space = name.find(' '); space != name.npos; space = name.find(' ', space + 1)) {
    const SamplerChoice choice{.sampler = FindSampler(name.substr(0, space)),
                               .schedule = FindSchedule(name.substr(space + 1))};
    if (choice.sampler != nullptr && !choice.schedule.empty()) return choice;
  }
  for (const auto& [suffix, schedule] : kLegacySuffixes) {
    if (!absl::EndsWithIgnoreCase(name, suffix)) continue;
    return {.sampler = FindSampler(name.substr(0, name.size() - suffix.size())),
            .schedule = schedule};
  }
  return {};
}

}  // namespace

absl::Span<const SamplerName> Samplers() { return kSamplers; }

absl::Span<const absl::string_view> Schedules() { return kSchedules; }

const SamplerName* FindSampler(absl::string_view name) {
  if (name.empty()) return nullptr;
  for (const SamplerName& sampler : kSamplers) {
    if (absl::EqualsIgnoreCase(sampler.name, name)) return &sampler;
    for (const absl::string_view alias : sampler.aliases) {
      if (absl::EqualsIgnoreCase(alias, name)) return &sampler;
    }
  }
  return nullptr;
}

absl::string_view FindSchedule(absl::string_view name) {
  if (name.empty()) return kAutomatic;
  for (const absl::string_view known : kSchedules) {
    if (Squeeze(known) == Squeeze(name)) return known;
  }
  return {};
}

SamplerChoice ResolveSampler(absl::string_view name, absl::string_view schedule) {
  const SamplerChoice choice{.sampler = FindSampler(name), .schedule = FindSchedule(schedule)};
  if (choice.sampler != nullptr) return choice;
  const SamplerChoice legacy = SplitLegacyName(name);
  return legacy.sampler != nullptr ? legacy : choice;
}

absl::string_view UsedSchedule(const SamplerName& sampler, absl::string_view schedule) {
  return schedule == kAutomatic ? sampler.automatic_schedule : schedule;
}

}  // namespace darkroom::naming
