#include "cli/picture_fields.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "cli/option_value.h"
#include "common/file.h"
#include "common/status_macros.h"

namespace darkroom::cli {
namespace {

using Parameters = darkroom::v1::ImageParameters;
using darkroom::v1::GuidanceOptions;
using darkroom::v1::HiresFix;
using darkroom::v1::InitImage;
using darkroom::v1::Mask;
using darkroom::v1::SamplerOptions;
using darkroom::v1::ScheduleOptions;
using darkroom::v1::SoftInpainting;
using darkroom::v1::Variation;

constexpr std::size_t kMaxPictureBytes = std::size_t{15} << 20;  // the server's limit

// The type of a setter's argument.
template <typename Message, typename Value>
Value ArgumentOf(void (Message::*)(Value));

template <auto Set>
absl::Status SetValue(absl::string_view text, Parameters& parameters) {
  decltype(ArgumentOf(Set)) value{};
  DARKROOM_RETURN_IF_ERROR(ParseValue(text, value));
  (parameters.*Set)(value);
  return absl::OkStatus();
}

// The same in a part of the message.
template <auto Part, auto Set>
absl::Status SetPart(absl::string_view text, Parameters& parameters) {
  decltype(ArgumentOf(Set)) value{};
  DARKROOM_RETURN_IF_ERROR(ParseValue(text, value));
  ((parameters.*Part)()->*Set)(value);
  return absl::OkStatus();
}

template <std::string* (Parameters::*Field)()>
absl::Status SetText(absl::string_view text, Parameters& parameters) {
  *(parameters.*Field)() = std::string(text);
  return absl::OkStatus();
}

absl::Status AddStyle(absl::string_view text, Parameters& parameters) {
  parameters.add_styles(text.data(), text.size());
  return absl::OkStatus();
}

// A name out of a list of spellings.
template <typename Value, std::size_t kNames>
absl::Status Choose(absl::string_view text,
                    const std::pair<absl::string_view, Value> (&names)[kNames],
                    absl::string_view way_out, Value& value) {
  for (const auto& [name, meaning] : names) {
    if (!absl::EqualsIgnoreCase(text, name)) continue;
    value = meaning;
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat("\"", text, "\" is not known; write ", way_out));
}

absl::Status SetNoise(absl::string_view text, Parameters& parameters) {
  using darkroom::v1::NoiseSource;
  static constexpr std::pair<absl::string_view, NoiseSource> kNames[] = {
      {"philox", darkroom::v1::NOISE_SOURCE_PHILOX},   {"NV", darkroom::v1::NOISE_SOURCE_PHILOX},
      {"GPU", darkroom::v1::NOISE_SOURCE_PHILOX},      {"CPU", darkroom::v1::NOISE_SOURCE_MT19937},
      {"mt19937", darkroom::v1::NOISE_SOURCE_MT19937},
  };
  NoiseSource source{};
  DARKROOM_RETURN_IF_ERROR(Choose(text, kNames, "philox or mt19937", source));
  parameters.set_noise_source(source);
  return absl::OkStatus();
}

absl::Status SetEmphasis(absl::string_view text, Parameters& parameters) {
  using darkroom::v1::Emphasis;
  static constexpr std::pair<absl::string_view, Emphasis> kNames[] = {
      {"original", darkroom::v1::EMPHASIS_ORIGINAL}, {"no-norm", darkroom::v1::EMPHASIS_NO_NORM},
      {"no_norm", darkroom::v1::EMPHASIS_NO_NORM},   {"no norm", darkroom::v1::EMPHASIS_NO_NORM},
      {"ignore", darkroom::v1::EMPHASIS_IGNORE},     {"none", darkroom::v1::EMPHASIS_NONE},
  };
  Emphasis emphasis{};
  DARKROOM_RETURN_IF_ERROR(Choose(text, kNames, "original, no-norm, ignore or none", emphasis));
  parameters.set_emphasis(emphasis);
  return absl::OkStatus();
}

absl::Status SetSeedResize(absl::string_view text, Parameters& parameters) {
  const std::pair<absl::string_view, absl::string_view> sides =
      absl::StrSplit(text, absl::MaxSplits('x', 1));
  std::int32_t width = 0;
  std::int32_t height = 0;
  if (!ParseValue(sides.first, width).ok() || !ParseValue(sides.second, height).ok()) {
    return absl::InvalidArgumentError(absl::StrCat("\"", text, "\" is not a size; write 512x512"));
  }
  parameters.mutable_seed_resize_from()->set_width(width);
  parameters.mutable_seed_resize_from()->set_height(height);
  return absl::OkStatus();
}

// A name of a picture that the server has is passed on, anything else is a file to be sent.
template <typename Message>
absl::Status SetSource(absl::string_view text, Message& image) {
  if (absl::StartsWith(text, "inputs/")) {
    image.set_name(std::string(text));
  } else if (absl::StartsWith(text, "jobs/")) {
    const absl::string_view first = absl::StrContains(text, "/images/") ? "" : "/images/0";
    image.set_name(absl::StrCat(text, first));
  } else {
    DARKROOM_ASSIGN_OR_RETURN(std::string content, ReadFile(std::string(text), kMaxPictureBytes));
    image.set_content(std::move(content));
  }
  return absl::OkStatus();
}

absl::Status SetMask(absl::string_view text, Parameters& parameters) {
  return SetSource(text, *parameters.mutable_init_image()->mutable_mask());
}

// A field of the mask.
template <auto Set>
absl::Status SetOfMask(absl::string_view text, Parameters& parameters) {
  decltype(ArgumentOf(Set)) value{};
  DARKROOM_RETURN_IF_ERROR(ParseValue(text, value));
  (parameters.mutable_init_image()->mutable_mask()->*Set)(value);
  return absl::OkStatus();
}

// Soft inpainting, with its defaults.
absl::Status SetSoft(absl::string_view text, Parameters& parameters) {
  bool soft = false;
  DARKROOM_RETURN_IF_ERROR(ParseValue(text, soft));
  if (soft) parameters.mutable_init_image()->mutable_mask()->mutable_soft();
  return absl::OkStatus();
}

// One of its options, which mean it.
template <void (SoftInpainting::*Set)(double)>
absl::Status SetOfSoft(absl::string_view text, Parameters& parameters) {
  double value = 0;
  DARKROOM_RETURN_IF_ERROR(ParseValue(text, value));
  (parameters.mutable_init_image()->mutable_mask()->mutable_soft()->*Set)(value);
  return absl::OkStatus();
}

// "128" on every side, or "LEFT,TOP,RIGHT,BOTTOM".
absl::Status SetExtend(absl::string_view text, Parameters& parameters) {
  std::vector<std::int32_t> sides;
  for (const absl::string_view side : absl::StrSplit(text, ',')) {
    if (!ParseValue(side, sides.emplace_back()).ok()) sides.clear();
  }
  if (sides.size() == 1) sides.resize(4, sides[0]);
  if (sides.size() != 4) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", text,
                     "\" is not pixels; write 64, or 64,0,64,0 for left, top, right "
                     "and bottom"));
  }
  darkroom::v1::Margins& margins = *parameters.mutable_init_image()->mutable_extend();
  margins.set_left(sides[0]);
  margins.set_top(sides[1]);
  margins.set_right(sides[2]);
  margins.set_bottom(sides[3]);
  return absl::OkStatus();
}

absl::Status SetMaskFill(absl::string_view text, Parameters& parameters) {
  using darkroom::v1::MaskFill;
  static constexpr std::pair<absl::string_view, MaskFill> kNames[] = {
      {"original", darkroom::v1::MASK_FILL_ORIGINAL},
      {"fill", darkroom::v1::MASK_FILL_SURROUNDINGS},
      {"noise", darkroom::v1::MASK_FILL_LATENT_NOISE},
      {"latent noise", darkroom::v1::MASK_FILL_LATENT_NOISE},
      {"nothing", darkroom::v1::MASK_FILL_LATENT_NOTHING},
      {"latent nothing", darkroom::v1::MASK_FILL_LATENT_NOTHING},
  };
  MaskFill fill{};
  DARKROOM_RETURN_IF_ERROR(Choose(text, kNames, "original, fill, noise or nothing", fill));
  parameters.mutable_init_image()->mutable_mask()->set_fill(fill);
  return absl::OkStatus();
}

absl::Status SetResizeMode(absl::string_view text, Parameters& parameters) {
  using darkroom::v1::ResizeMode;
  static constexpr std::pair<absl::string_view, ResizeMode> kNames[] = {
      {"stretch", darkroom::v1::RESIZE_MODE_STRETCH},
      {"crop", darkroom::v1::RESIZE_MODE_CROP},
      {"fill", darkroom::v1::RESIZE_MODE_FILL},
  };
  ResizeMode mode{};
  DARKROOM_RETURN_IF_ERROR(Choose(text, kNames, "stretch, crop or fill", mode));
  parameters.mutable_init_image()->set_resize_mode(mode);
  return absl::OkStatus();
}

template <std::string* (HiresFix::*Field)()>
absl::Status SetHiresText(absl::string_view text, Parameters& parameters) {
  *(parameters.mutable_hires_fix()->*Field)() = std::string(text);
  return absl::OkStatus();
}

constexpr auto kHires = &Parameters::mutable_hires_fix;
constexpr auto kInit = &Parameters::mutable_init_image;
constexpr auto kSampler = &Parameters::mutable_sampler_options;
constexpr auto kSchedule = &Parameters::mutable_schedule_options;
constexpr auto kGuidance = &Parameters::mutable_guidance_options;
constexpr auto kVariation = &Parameters::mutable_variation;

using Group = FieldGroup;
using Kind = FieldKind;

constexpr PictureField kFields[] = {
    {"negative", "", "TEXT", "what the picture is guided away from", Group::kPicture, Kind::kText,
     SetText<&Parameters::mutable_negative_prompt>},
    {"style", "Styles", "NAME", "put a style around the prompts; may be repeated", Group::kPicture,
     Kind::kText, AddStyle},
    {"model", "Checkpoint name", "NAME", "see `darkroom models`; default: the server's",
     Group::kPicture, Kind::kText, SetText<&Parameters::mutable_model>},
    {"width", "Width", "PIXELS", "a multiple of 8; default: the model's", Group::kPicture,
     Kind::kInteger, SetValue<&Parameters::set_width>},
    {"height", "Height", "PIXELS", "a multiple of 8; default: the model's", Group::kPicture,
     Kind::kInteger, SetValue<&Parameters::set_height>},
    {"steps", "Steps", "N", "sampling steps; more take longer", Group::kPicture, Kind::kInteger,
     SetValue<&Parameters::set_steps>},
    {"sampler", "Sampler", "NAME", "\"Euler\", \"Euler a\", \"DPM++ 2M\", \"DDIM\", ...",
     Group::kPicture, Kind::kText, SetText<&Parameters::mutable_sampler>},
    {"schedule", "Schedule type", "NAME", "noise schedule: \"Karras\", \"Automatic\", ...",
     Group::kPicture, Kind::kText, SetText<&Parameters::mutable_schedule>},
    {"guidance", "CFG Scale", "SCALE", "how closely to follow the prompt (CFG scale)",
     Group::kPicture, Kind::kNumber, SetValue<&Parameters::set_guidance_scale>},
    {"seed", "Seed", "N", "the same seed gives the same picture; default: a random one",
     Group::kPicture, Kind::kInteger, SetValue<&Parameters::set_seed>},
    {"count", "", "N", "pictures, with the seeds N, N+1, ...", Group::kPicture, Kind::kInteger,
     SetValue<&Parameters::set_image_count>},
    {"tiling", "", "", "a picture whose edges fit together, for patterns", Group::kPicture,
     Kind::kSwitch, SetValue<&Parameters::set_tiling>},

    {"init_image", "", "PICTURE", "a PNG, JPEG or WebP file, or jobs/ID of a finished job",
     Group::kInit, Kind::kText, SetInitImage},
    {"strength", "Denoising", "SHARE", "of it that is given up to noise, to 1; default 0.75",
     Group::kInit, Kind::kNumber, SetPart<kInit, &InitImage::set_strength>},
    {"resize", "", "MODE", "to another size: stretch (default), crop or fill", Group::kInit,
     Kind::kText, SetResizeMode},
    {"image_guidance", "Image CFG Scale", "SCALE",
     "how closely a model that is instructed keeps to it", Group::kInit, Kind::kNumber,
     SetPart<kInit, &InitImage::set_guidance_scale>},
    {"extend", "", "PIXELS", "make it so much larger: 64, or 64,0,64,0 (left,top,right,bottom)",
     Group::kInit, Kind::kText, SetExtend},

    {"mask", "", "PICTURE", "make only the white part of this one anew", Group::kMask, Kind::kText,
     SetMask},
    {"mask_blur", "", "PIXELS", "soften its edges, 0 to 64; default 4", Group::kMask,
     Kind::kInteger, SetOfMask<&Mask::set_blur>},
    {"mask_inverted", "", "", "make the black part anew", Group::kMask, Kind::kSwitch,
     SetOfMask<&Mask::set_inverted>},
    {"mask_fill", "", "WITH", "begin there with: original (default), fill, noise or nothing",
     Group::kMask, Kind::kText, SetMaskFill},
    {"only_masked", "", "", "make that region alone, at --width x --height, and put it back",
     Group::kMask, Kind::kSwitch, SetOfMask<&Mask::set_only_masked>},
    {"padding", "", "PIXELS", "around that region, 0 to 256; default 32", Group::kMask,
     Kind::kInteger, SetOfMask<&Mask::set_padding>},

    {"soft_inpainting", "", "", "blend by the mask's greys; best with a high --mask_blur",
     Group::kMask, Kind::kSwitch, SetSoft},
    {"soft_bias", "", "N", "above 1: keep more at high noise, 0 to 8; default 1", Group::kMask,
     Kind::kNumber, SetOfSoft<&SoftInpainting::set_schedule_bias>},
    {"soft_preservation", "", "N", "how strongly grey keeps what is there, 0 to 8; default 0.5",
     Group::kMask, Kind::kNumber, SetOfSoft<&SoftInpainting::set_preservation_strength>},
    {"soft_boost", "", "N", "contrast given back to blends, 1 to 32; default 4", Group::kMask,
     Kind::kNumber, SetOfSoft<&SoftInpainting::set_transition_contrast_boost>},
    {"soft_mask_influence", "", "SHARE", "of the mask in what old pixels stay; default 0",
     Group::kMask, Kind::kNumber, SetOfSoft<&SoftInpainting::set_mask_influence>},
    {"soft_threshold", "", "N", "change from which on they go, 0 to 8; default 0.5", Group::kMask,
     Kind::kNumber, SetOfSoft<&SoftInpainting::set_difference_threshold>},
    {"soft_contrast", "", "N", "how suddenly they go, 0 to 8; default 2", Group::kMask,
     Kind::kNumber, SetOfSoft<&SoftInpainting::set_difference_contrast>},

    {"hires", "", "SCALE", "make it again, so many times as wide and high: 2", Group::kHires,
     Kind::kNumber, SetPart<kHires, &HiresFix::set_scale>},
    {"hires_width", "", "PIXELS", "or so wide; of one side, the other follows", Group::kHires,
     Kind::kInteger, SetPart<kHires, &HiresFix::set_width>},
    {"hires_height", "", "PIXELS", "or so high; of both, the middle is taken", Group::kHires,
     Kind::kInteger, SetPart<kHires, &HiresFix::set_height>},
    {"hires_upscaler", "Hires upscaler", "NAME",
     "\"Latent\" (default), \"Lanczos\", ...; `darkroom upscalers` lists them", Group::kHires,
     Kind::kText, SetHiresText<&HiresFix::mutable_upscaler>},
    {"hires_strength", "", "SHARE", "that is given up to noise, to 1; default 0.7", Group::kHires,
     Kind::kNumber, SetPart<kHires, &HiresFix::set_strength>},
    {"hires_steps", "Hires steps", "N", "sampling steps; default: as many as --steps",
     Group::kHires, Kind::kInteger, SetPart<kHires, &HiresFix::set_steps>},
    {"hires_sampler", "Hires sampler", "NAME", "default: that of --sampler", Group::kHires,
     Kind::kText, SetHiresText<&HiresFix::mutable_sampler>},
    {"hires_schedule", "", "NAME", "default: that of --schedule", Group::kHires, Kind::kText,
     SetHiresText<&HiresFix::mutable_schedule>},
    {"hires_prompt", "", "TEXT", "what it shows then; default: PROMPT", Group::kHires, Kind::kText,
     SetHiresText<&HiresFix::mutable_prompt>},
    {"hires_negative", "", "TEXT", "default: that of --negative", Group::kHires, Kind::kText,
     SetHiresText<&HiresFix::mutable_negative_prompt>},
    {"hires_guidance", "", "SCALE", "default: that of --guidance", Group::kHires, Kind::kNumber,
     SetPart<kHires, &HiresFix::set_guidance_scale>},

    {"clip_skip", "Clip skip", "N", "text encoder layer that counts as the last, from the end",
     Group::kText, Kind::kInteger, SetValue<&Parameters::set_clip_skip>},
    {"emphasis", "Emphasis", "MODE", "what weights do: original (default), no-norm, ignore, none",
     Group::kText, Kind::kText, SetEmphasis},

    {"variation_strength", "Var. strength", "SHARE", "of a second noise, 0 to 1", Group::kSeed,
     Kind::kNumber, SetPart<kVariation, &Variation::set_strength>},
    {"variation_seed", "Var. seed", "N", "seed of the second noise; default: a random one",
     Group::kSeed, Kind::kInteger, SetPart<kVariation, &Variation::set_seed>},
    {"seed_resize", "Seed resize from", "WxH", "keep the seed's composition of this size",
     Group::kSeed, Kind::kText, SetSeedResize},
    {"noise", "RNG source", "SOURCE", "philox (default; A1111's GPU, NV) or mt19937 (its CPU)",
     Group::kSeed, Kind::kText, SetNoise},
    {"ensd", "ENSD", "N", "eta noise seed delta: added to the seed of a step's noise", Group::kSeed,
     Kind::kInteger, SetValue<&Parameters::set_eta_seed_delta>},

    {"eta", "Eta", "SHARE", "noise put back by ancestral and SDE samplers and DDIM, 0 to 1",
     Group::kSampler, Kind::kNumber, SetPart<kSampler, &SamplerOptions::set_eta>},
    {"s_churn", "Sigma Churn", "N", "noise added before steps of Euler, Heun and DPM2, 0 to 100",
     Group::kSampler, Kind::kNumber, SetPart<kSampler, &SamplerOptions::set_s_churn>},
    {"s_tmin", "Sigma min", "SIGMA", "smallest sigma that is churned", Group::kSampler,
     Kind::kNumber, SetPart<kSampler, &SamplerOptions::set_s_tmin>},
    {"s_tmax", "Sigma max", "SIGMA", "largest sigma that is churned; 0: all", Group::kSampler,
     Kind::kNumber, SetPart<kSampler, &SamplerOptions::set_s_tmax>},
    {"s_noise", "Sigma noise", "FACTOR", "of the noise that a step adds", Group::kSampler,
     Kind::kNumber, SetPart<kSampler, &SamplerOptions::set_s_noise>},

    {"sigma_min", "Schedule min sigma", "SIGMA", "smallest sigma; 0: the model's", Group::kSchedule,
     Kind::kNumber, SetPart<kSchedule, &ScheduleOptions::set_sigma_min>},
    {"sigma_max", "Schedule max sigma", "SIGMA", "largest sigma; 0: the model's", Group::kSchedule,
     Kind::kNumber, SetPart<kSchedule, &ScheduleOptions::set_sigma_max>},
    {"rho", "Schedule rho", "N", "bend of Karras and Polyexponential; 0: their own",
     Group::kSchedule, Kind::kNumber, SetPart<kSchedule, &ScheduleOptions::set_rho>},
    {"beta_alpha", "Beta schedule alpha", "N", "first parameter of Beta; default 0.6",
     Group::kSchedule, Kind::kNumber, SetPart<kSchedule, &ScheduleOptions::set_beta_alpha>},
    {"beta_beta", "Beta schedule beta", "N", "second parameter of Beta; default 0.6",
     Group::kSchedule, Kind::kNumber, SetPart<kSchedule, &ScheduleOptions::set_beta_beta>},
    {"discard_next_to_last_sigma", "Always discard next-to-last sigma", "",
     "leave out the last step's end", Group::kSchedule, Kind::kSwitch,
     SetPart<kSchedule, &ScheduleOptions::set_discard_next_to_last_sigma>},

    {"guidance_rescale", "CFG Rescale", "SHARE", "against the burnt look of high guidance, 0 to 1",
     Group::kGuidance, Kind::kNumber, SetPart<kGuidance, &GuidanceOptions::set_rescale>},
    {"min_negative_sigma", "Negative Guidance minimum sigma", "SIGMA",
     "below it, every other call leaves the negative prompt out", Group::kGuidance, Kind::kNumber,
     SetPart<kGuidance, &GuidanceOptions::set_min_negative_sigma>},
    {"skip_negative_at_every_call", "NGMS all steps", "", "below it, every call leaves it out",
     Group::kGuidance, Kind::kSwitch,
     SetPart<kGuidance, &GuidanceOptions::set_skip_negative_at_every_call>},

    {"preview_interval", "", "STEPS", "steps between previews, 0 for none", Group::kPreview,
     Kind::kInteger, SetValue<&Parameters::set_preview_interval>},
};

}  // namespace

absl::Status SetInitImage(absl::string_view text, Parameters& parameters) {
  return SetSource(text, *parameters.mutable_init_image());
}

absl::Span<const PictureField> PictureFields() { return kFields; }

const PictureField* FindPictureField(absl::string_view name) {
  const std::string wanted = absl::StrReplaceAll(name, {{"-", "_"}});
  const auto* found = std::find_if(std::begin(kFields), std::end(kFields),
                                   [&](const PictureField& field) { return field.name == wanted; });
  return found == std::end(kFields) ? nullptr : found;
}

}  // namespace darkroom::cli
