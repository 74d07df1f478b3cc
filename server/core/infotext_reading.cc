#include "server/core/infotext_reading.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/utf8.h"
#include "naming/sampler_names.h"
#include "server/core/emphasis.h"
#include "server/core/infotext_hires.h"
#include "server/core/resource_name.h"

namespace darkroom::server {
namespace {

namespace v1 = darkroom::v1;

constexpr absl::string_view kUnknown = "is not known here.";

// Why pairs of other features are not taken over, by how their keys begin.
constexpr std::pair<absl::string_view, absl::string_view> kReasons[] = {
    {"Hires", "is of the second pass, and not known here."},
    {"Postprocess", "was done to the finished picture: `darkroom upscale` does it."},
    {"Lora hashes", "names LoRA files, which are not compared here."},
    {"Conditional mask weight", "is always 1 here."},
    {"TI", "names embeddings, which are not loaded here."},
};

constexpr std::size_t kMaxShownBytes = 80;

// As it may stand in a sentence: one line, not too long, still UTF-8.
std::string Shortened(absl::string_view text) {
  std::string shown;
  for (std::size_t at = 0; at < text.size();) {
    if (at >= kMaxShownBytes) return shown + "…";
    const char32_t c = DecodeUtf8(text, &at);
    AppendUtf8(c < 0x20 || c == 0x7F ? U' ' : c, &shown);
  }
  return shown;
}

class Reader {
 public:
  Reader(const infotext::ImageParameters& picture, const Models& models, const AdapterIndex* files)
      : picture_(picture), models_(models), files_(files) {}

  InfotextReading Read() {
    reading_.parameters.set_prompt(picture_.prompt);
    reading_.parameters.set_negative_prompt(picture_.negative_prompt);
    ReadModel();
    ReadPicture();
    ReadHiresFix(
        picture_, files_,
        [this](absl::string_view key, absl::string_view value, absl::string_view why) {
          Note(key, value, why);
        },
        reading_.parameters);
    ReadSampler();
    ReadNoise();
    ReadVariation();
    ReadSchedule();
    ReadGuidance();
    NoteTheRest();
    return std::move(reading_);
  }

 private:
  void Note(absl::string_view key, absl::string_view value, absl::string_view why) {
    if (reading_.notes.size() < kMaxInfotextNotes) {
      reading_.notes.push_back(absl::StrCat(Shortened(key), ": ", Shortened(value), " ", why));
    } else {
      reading_.notes.back() = absl::StrCat(++beyond_, " more pairs were not taken over.");
    }
  }

  void ReadModel() {
    const std::string& hash = picture_.model_hash;
    const std::string& name = picture_.model;
    const v1::Model* found = nullptr;
    for (const auto& [id, model] : models_) {
      if (!hash.empty() && absl::EqualsIgnoreCase(model.hash(), hash)) found = &model;
    }
    if (found == nullptr) {
      found = FindByName(name);
      if (found != nullptr && !hash.empty() && !found->hash().empty()) {
        Note("Model hash", hash,
             absl::StrCat("is not that of ", found->name(), ", ", found->hash(),
                          ", which has the same name."));
      }
    }
    if (found != nullptr) {
      reading_.parameters.set_model(found->name());
    } else if (!name.empty() || !hash.empty()) {
      Note(name.empty() ? "Model hash" : "Model", name.empty() ? hash : name,
           "is not served here; the parameters name no model.");
    }
  }

  const v1::Model* FindByName(const std::string& name) const {
    if (name.empty()) return nullptr;
    for (const auto& [id, model] : models_) {
      if (absl::EqualsIgnoreCase(id, name) || absl::EqualsIgnoreCase(model.display_name(), name)) {
        return &model;
      }
    }
    return nullptr;
  }

  void ReadPicture() {
    v1::ImageParameters& parameters = reading_.parameters;
    if (picture_.steps.has_value()) parameters.set_steps(*picture_.steps);
    if (picture_.guidance_scale.has_value()) {
      parameters.set_guidance_scale(*picture_.guidance_scale);
    }
    if (picture_.size.has_value()) {
      parameters.set_width(picture_.size->width);
      parameters.set_height(picture_.size->height);
    }
    parameters.set_tiling(picture_.tiling);
    if (picture_.clip_skip != 1) parameters.set_clip_skip(picture_.clip_skip);
    if (const auto emphasis = prompt::FindEmphasis(picture_.emphasis); !emphasis.has_value()) {
      Note("Emphasis", picture_.emphasis, kUnknown);
    } else if (*emphasis != prompt::Emphasis::kOriginal) {
      parameters.set_emphasis(FromEmphasis(*emphasis));
    }
  }

  void ReadSampler() {
    if (!picture_.sampler.empty()) {
      const naming::SamplerChoice choice =
          naming::ResolveSampler(picture_.sampler, picture_.schedule);
      sampler_ = choice.sampler;
      if (choice.sampler == nullptr) {
        Note("Sampler", picture_.sampler, kUnknown);
      } else {
        reading_.parameters.set_sampler(std::string(choice.sampler->name));
      }
      SetSchedule(choice.schedule);
    } else if (picture_.schedule != naming::kAutomatic) {
      SetSchedule(naming::FindSchedule(picture_.schedule));
    }
    ReadSamplerOptions();
  }

  void SetSchedule(absl::string_view schedule) {
    if (schedule.empty()) return Note("Schedule type", picture_.schedule, kUnknown);
    reading_.parameters.set_schedule(std::string(schedule));
  }

  void ReadSamplerOptions() {
    v1::SamplerOptions options;
    const bool over_timesteps = sampler_ != nullptr && sampler_->over_timesteps;
    const std::optional<double>& eta = over_timesteps ? picture_.eta_ddim : picture_.eta;
    const std::optional<double>& other = over_timesteps ? picture_.eta : picture_.eta_ddim;
    if (eta.has_value()) {
      options.set_eta(*eta);
    } else if (other.has_value() && OtherKindInHires(over_timesteps)) {
      options.set_eta(*other);
    }
    if (other.has_value() && options.eta() != *other) {
      Note(over_timesteps ? "Eta" : "Eta DDIM", absl::StrCat(*other),
           "is of another kind of samplers.");
    }
    if (picture_.sigma_churn.has_value()) options.set_s_churn(*picture_.sigma_churn);
    if (picture_.sigma_tmin.has_value()) options.set_s_tmin(*picture_.sigma_tmin);
    if (picture_.sigma_tmax.has_value()) options.set_s_tmax(*picture_.sigma_tmax);
    if (picture_.sigma_noise.has_value()) options.set_s_noise(*picture_.sigma_noise);
    if (options.ByteSizeLong() > 0) reading_.parameters.mutable_sampler_options()->Swap(&options);
  }

  // Whether the second pass has a sampler over timesteps where the first has none, or the other way
  // round.
  bool OtherKindInHires(bool over_timesteps) const {
    const naming::SamplerName* sampler =
        naming::FindSampler(reading_.parameters.hires_fix().sampler());
    return sampler != nullptr && sampler->over_timesteps != over_timesteps;
  }

  void ReadNoise() {
    v1::ImageParameters& parameters = reading_.parameters;
    if (picture_.seed.has_value()) {
      parameters.set_seed(*picture_.seed);
      parameters.set_image_count(1);
    }
    if (picture_.noise_source == "CPU") {
      parameters.set_noise_source(v1::NOISE_SOURCE_MT19937);
    } else if (picture_.noise_source == "NV" || picture_.noise_source == "GPU") {
      if (picture_.seed.has_value()) parameters.set_noise_source(v1::NOISE_SOURCE_PHILOX);
    } else {
      Note("RNG", picture_.noise_source, kUnknown);
    }
    if (picture_.eta_seed_delta.has_value()) {
      parameters.set_eta_seed_delta(*picture_.eta_seed_delta);
    }
    if (picture_.seed_resize_from.has_value()) {
      parameters.mutable_seed_resize_from()->set_width(picture_.seed_resize_from->width);
      parameters.mutable_seed_resize_from()->set_height(picture_.seed_resize_from->height);
    }
  }

  void ReadVariation() {
    if (picture_.variation_strength.value_or(0) != 0) {
      v1::Variation& variation = *reading_.parameters.mutable_variation();
      variation.set_strength(*picture_.variation_strength);
      if (picture_.variation_seed.has_value()) variation.set_seed(*picture_.variation_seed);
    } else if (picture_.variation_seed.has_value()) {
      Note("Variation seed", absl::StrCat(*picture_.variation_seed),
           "has no effect without a strength.");
    }
  }

  void ReadSchedule() {
    v1::ScheduleOptions options;
    if (picture_.schedule_sigma_min.has_value())
      options.set_sigma_min(*picture_.schedule_sigma_min);
    if (picture_.schedule_sigma_max.has_value())
      options.set_sigma_max(*picture_.schedule_sigma_max);
    if (picture_.schedule_rho.has_value()) options.set_rho(*picture_.schedule_rho);
    if (picture_.beta_schedule_alpha.has_value()) {
      options.set_beta_alpha(*picture_.beta_schedule_alpha);
    }
    if (picture_.beta_schedule_beta.has_value())
      options.set_beta_beta(*picture_.beta_schedule_beta);
    options.set_discard_next_to_last_sigma(picture_.discard_penultimate_sigma);
    if (options.ByteSizeLong() > 0) reading_.parameters.mutable_schedule_options()->Swap(&options);
  }

  void ReadGuidance() {
    v1::GuidanceOptions options;
    options.set_rescale(picture_.guidance_rescale.value_or(0));
    options.set_min_negative_sigma(picture_.min_uncond_sigma.value_or(0));
    options.set_skip_negative_at_every_call(picture_.skip_uncond_at_every_call);
    if (options.ByteSizeLong() > 0) reading_.parameters.mutable_guidance_options()->Swap(&options);
  }

  void NoteTheRest() {
    constexpr absl::string_view kOwnVae = "is not loaded here; the model's own is used.";
    if (!picture_.vae_hash.empty()) Note("VAE hash", picture_.vae_hash, kOwnVae);
    if (!picture_.vae.empty()) Note("VAE", picture_.vae, kOwnVae);
    if (picture_.denoising_strength.has_value()) ReadStrength(*picture_.denoising_strength);
    ReadMask();
    if (!picture_.noise_schedule.empty() && picture_.noise_schedule != "Default") {
      Note("Noise Schedule", picture_.noise_schedule, "is not applied here; the model's own is.");
    }
    for (const infotext::Pair& pair : picture_.others) Note(pair.key, pair.value, WhyNot(pair.key));
  }

  void ReadStrength(double strength) {
    if (HasHiresFix(picture_)) return;  // it is the second pass's
    v1::InitImage& image = *reading_.parameters.mutable_init_image();
    image.set_strength(strength);
    if (picture_.picture_guidance_scale.has_value()) {
      image.set_guidance_scale(*picture_.picture_guidance_scale);
    }
    Note("Denoising strength", absl::StrCat(strength),
         "is of a picture made from another; that one is needed as init_image.");
  }

  // What a picture without a mask does not say is at its default.
  void ReadMask() {
    const bool inverted = picture_.mask_mode == "Inpaint not masked";
    const bool only_masked = picture_.inpaint_area == "Only masked";
    const auto [known, fill] = ReadFill(picture_.masked_content);
    if (!known) Note("Masked content", picture_.masked_content, kUnknown);
    const bool extended = ReadMargins();
    const bool masked = inverted || only_masked || fill != v1::MASK_FILL_UNSPECIFIED ||
                        picture_.mask_blur.has_value() || picture_.soft_inpainting;
    if (!masked && !extended) return;
    v1::Mask& mask = *reading_.parameters.mutable_init_image()->mutable_mask();
    mask.set_blur(picture_.mask_blur.value_or(0));
    mask.set_fill(extended && known && fill == v1::MASK_FILL_UNSPECIFIED ? v1::MASK_FILL_ORIGINAL
                                                                         : fill);
    if (picture_.soft_inpainting) ReadSoft(*mask.mutable_soft());
    if (extended) return;
    mask.set_inverted(inverted);
    mask.set_only_masked(only_masked);
    if (only_masked && picture_.masked_padding.has_value()) {
      mask.set_padding(*picture_.masked_padding);
    }
    Note("Mask blur", absl::StrCat(mask.blur()),
         "is of a picture made within a mask; that one is needed as init_image.mask.");
  }

  void ReadSoft(v1::SoftInpainting& soft) const {
    const auto read = [&soft](const std::optional<double>& value,
                              void (v1::SoftInpainting::*set)(double)) {
      if (value.has_value()) (soft.*set)(*value);
    };
    using Soft = v1::SoftInpainting;
    read(picture_.soft_schedule_bias, &Soft::set_schedule_bias);
    read(picture_.soft_preservation_strength, &Soft::set_preservation_strength);
    read(picture_.soft_contrast_boost, &Soft::set_transition_contrast_boost);
    read(picture_.soft_mask_influence, &Soft::set_mask_influence);
    read(picture_.soft_difference_threshold, &Soft::set_difference_threshold);
    read(picture_.soft_difference_contrast, &Soft::set_difference_contrast);
  }

  bool ReadMargins() {
    const std::string& text = picture_.outpaint_margins;
    if (text.empty()) return false;
    std::vector<std::int32_t> sides;
    for (const absl::string_view side : absl::StrSplit(text, ' ')) {
      if (!absl::SimpleAtoi(side, &sides.emplace_back())) sides.clear();
    }
    if (sides.size() != 4) {
      Note("Outpaint margins", text, kUnknown);
      return false;
    }
    v1::Margins& margins = *reading_.parameters.mutable_init_image()->mutable_extend();
    margins.set_left(sides[0]);
    margins.set_top(sides[1]);
    margins.set_right(sides[2]);
    margins.set_bottom(sides[3]);
    return true;
  }

  // Whether the text is known, and what it says; unspecified where it is the default.
  static std::pair<bool, v1::MaskFill> ReadFill(absl::string_view text) {
    if (text == "original") return {true, v1::MASK_FILL_UNSPECIFIED};
    if (text == "fill") return {true, v1::MASK_FILL_SURROUNDINGS};
    if (text == "latent noise") return {true, v1::MASK_FILL_LATENT_NOISE};
    if (text == "latent nothing") return {true, v1::MASK_FILL_LATENT_NOTHING};
    return {false, v1::MASK_FILL_UNSPECIFIED};
  }

  static absl::string_view WhyNot(absl::string_view key) {
    for (const auto& [prefix, reason] : kReasons) {
      if (absl::StartsWith(key, prefix)) return reason;
    }
    return kUnknown;
  }

  const infotext::ImageParameters& picture_;
  const Models& models_;
  const AdapterIndex* const files_;
  const naming::SamplerName* sampler_ = nullptr;
  int beyond_ = 1;  // with the note that gives way to the count
  InfotextReading reading_;
};

}  // namespace

InfotextReading ReadParameters(const infotext::ImageParameters& picture, const Models& models,
                               const AdapterIndex* files) {
  return Reader(picture, models, files).Read();
}

}  // namespace darkroom::server
