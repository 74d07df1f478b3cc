#ifndef DARKROOM_NAMING_SAMPLER_NAMES_H_
#define DARKROOM_NAMING_SAMPLER_NAMES_H_

#include <array>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace darkroom::naming {

// What samplers and schedules are called: by AUTOMATIC1111 1.10, whose names are ours, by its older
// versions and by k-diffusion, whose names clients still send. The one source of these names: the
// gateway understands them, the worker has a function for each.

inline constexpr absl::string_view kAutomatic = "Automatic";

// What AUTOMATIC1111 knows of a sampler.
struct SamplerName {
  absl::string_view name;                         // as people know it: "DPM++ 2M"
  std::array<absl::string_view, 2> aliases = {};  // "k_dpmpp_2m"
  // What "Automatic" stands for; itself where that is the model's own levels, as in "Uniform".
  absl::string_view automatic_schedule = kAutomatic;
  bool second_order = false;    // prompt schedules count two denoiser calls a step
  bool over_timesteps = false;  // steps over the model's timesteps: no schedule, "Eta DDIM"
  // Which options it is handed.
  bool takes_eta = false;
  double default_eta = 1;
  bool takes_churn = false;       // s_churn, s_tmin, s_tmax
  bool takes_step_noise = false;  // s_noise
  bool uses_ensd = false;         // infotexts name its eta noise seed delta
};

// In the order in which AUTOMATIC1111 lists them.
absl::Span<const SamplerName> Samplers();
// "Automatic" first.
absl::Span<const absl::string_view> Schedules();

// By its name or an alias, in any case. Null when there is none.
const SamplerName* FindSampler(absl::string_view name);

// By its name in any case, also without spaces or with underscores; no name is "Automatic". Empty
// when there is none.
absl::string_view FindSchedule(absl::string_view name);

struct SamplerChoice {
  const SamplerName* sampler = nullptr;
  absl::string_view schedule;  // one of Schedules()
};

// What clients mean by a sampler and a schedule: both in any case, the sampler also by an alias,
// the schedule also as "sgm_uniform" or "SGMUniform"; no schedule is "Automatic". A legacy name
// carries a schedule at its end ("DPM++ 2M Karras", "k_dpmpp_2m_ka"), which goes before `schedule`.
// What is not known is null or empty.
SamplerChoice ResolveSampler(absl::string_view name, absl::string_view schedule);

// The schedule that is used where this one is asked for, as infotexts name it: "Automatic" is the
// sampler's own, and stays "Automatic" where that is the model's levels.
absl::string_view UsedSchedule(const SamplerName& sampler, absl::string_view schedule);

}  // namespace darkroom::naming

#endif  // DARKROOM_NAMING_SAMPLER_NAMES_H_
