#include "naming/sampler_names.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"

namespace darkroom::naming {
namespace {

constexpr SamplerName kSamplers[] = {
    {"DPM++ 2M", {"k_dpmpp_2m"}, "Karras"},
    {"DPM++ SDE", {"k_dpmpp_sde"}, "Karras", true},
    {"DPM++ 2M SDE", {"k_dpmpp_2m_sde"}, "Exponential"},
    {"DPM++ 2M SDE Heun", {"k_dpmpp_2m_sde_heun"}, "Exponential"},
    {"DPM++ 2S a", {"k_dpmpp_2s_a"}, "Karras", true},
    {"DPM++ 3M SDE", {"k_dpmpp_3m_sde"}, "Exponential"},
    {"Euler a", {"k_euler_a", "k_euler_ancestral"}},
    {"Euler", {"k_euler"}},
    {"LMS", {"k_lms"}},
    {"Heun", {"k_heun"}, kAutomatic, true},
    {"DPM2", {"k_dpm_2"}, "Karras", true},
    {"DPM2 a", {"k_dpm_2_a"}, "Karras", true},
    {"DPM fast", {"k_dpm_fast"}},
    {"DPM adaptive", {"k_dpm_ad"}},
    {"Restart", {"restart"}, "Karras", true},
    {"DDIM", {"ddim"}, kAutomatic, false, true},
    {"DDIM CFG++", {"ddim_cfgpp"}, kAutomatic, false, true},
    {"PLMS", {"plms"}},
    {"UniPC", {"unipc"}},
    {"LCM", {"k_lcm"}},
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
