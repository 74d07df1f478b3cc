#include "server/core/infotext_hires.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "naming/hires_pass.h"
#include "naming/sampler_names.h"

namespace darkroom::server {
namespace {

namespace v1 = darkroom::v1;

constexpr absl::string_view kNotKnown = "is not known here.";

std::string ToText(double value) { return absl::StrCat(value); }
std::string ToText(const infotext::Size& size) {
  return absl::StrCat(size.width, "x", size.height);
}
template <typename Value>
std::string ToText(const std::optional<Value>& value) {
  return value.has_value() ? ToText(*value) : "";
}

void NoteAll(const infotext::ImageParameters& picture, TakeNote note) {
  const std::pair<absl::string_view, std::string> pairs[] = {
      {"Hires upscale", ToText(picture.hires_upscale)},
      {"Hires resize", ToText(picture.hires_resize)},
      {"Hires upscaler", picture.hires_upscaler},
      {"Hires steps", ToText(picture.hires_steps)},
      {"Hires sampler", picture.hires_sampler},
      {"Hires schedule type", picture.hires_schedule},
      {"Hires prompt", picture.hires_prompt},
      {"Hires negative prompt", picture.hires_negative_prompt},
      {"Hires CFG Scale", ToText(picture.hires_guidance_scale)},
  };
  for (const auto& [key, value] : pairs) {
    if (!value.empty()) {
      note(key, value, "is of a second pass, which a size and a denoising strength belong to.");
    }
  }
}

void ReadHiresSize(const infotext::ImageParameters& picture, v1::HiresFix& hires) {
  if (picture.hires_resize.has_value()) {
    if (picture.hires_resize->width != 0) hires.set_width(picture.hires_resize->width);
    if (picture.hires_resize->height != 0) hires.set_height(picture.hires_resize->height);
  } else if (picture.hires_upscale.has_value()) {
    hires.set_scale(*picture.hires_upscale);
  }
}

// One that is not named is the first pass's.
void ReadHiresSampler(const infotext::ImageParameters& picture, TakeNote note,
                      v1::HiresFix& hires) {
  const std::string& schedule = picture.hires_schedule;
  absl::string_view meant = naming::FindSchedule(schedule);
  if (!picture.hires_sampler.empty()) {
    const naming::SamplerChoice choice = naming::ResolveSampler(
        picture.hires_sampler, schedule.empty() ? picture.schedule : schedule);
    if (choice.sampler == nullptr) return note("Hires sampler", picture.hires_sampler, kNotKnown);
    hires.set_sampler(std::string(choice.sampler->name));
    meant = choice.schedule;
  } else if (schedule.empty()) {
    return;
  }
  if (meant.empty()) return note("Hires schedule type", schedule, kNotKnown);
  hires.set_schedule(std::string(meant));
}

}  // namespace

bool HasHiresFix(const infotext::ImageParameters& picture) {
  return picture.denoising_strength.has_value() &&
         (picture.hires_upscale.has_value() || picture.hires_resize.has_value() ||
          !picture.hires_upscaler.empty());
}

bool NamesUpscalerFile(const infotext::ImageParameters& picture) {
  return HasHiresFix(picture) && naming::FindUpscaler(picture.hires_upscaler) == nullptr;
}

void ReadHiresFix(const infotext::ImageParameters& picture, const AdapterIndex* files,
                  TakeNote note, v1::ImageParameters& parameters) {
  if (!HasHiresFix(picture)) return NoteAll(picture, note);
  v1::HiresFix& hires = *parameters.mutable_hires_fix();
  ReadHiresSize(picture, hires);
  hires.set_strength(*picture.denoising_strength);
  if (picture.hires_steps.has_value()) hires.set_steps(*picture.hires_steps);
  if (const naming::UpscalerName* found = naming::FindUpscaler(picture.hires_upscaler)) {
    hires.set_upscaler(std::string(found->name));
  } else if (const auto* listed =
                 files == nullptr ? nullptr : files->FindUpscaler(picture.hires_upscaler)) {
    hires.set_upscaler(listed->upscaler().name());
  } else {
    note("Hires upscaler", picture.hires_upscaler,
         "is not known here; the second pass begins with a latent that is scaled.");
  }
  ReadHiresSampler(picture, note, hires);
  hires.set_prompt(picture.hires_prompt);
  hires.set_negative_prompt(picture.hires_negative_prompt);
  if (picture.hires_guidance_scale.has_value()) {
    hires.set_guidance_scale(*picture.hires_guidance_scale);
  }
}

}  // namespace darkroom::server
