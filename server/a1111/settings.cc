#include "server/a1111/settings.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/util/message_differencer.h"
#include "server/a1111/fields.h"
#include "server/a1111/image_request.h"
#include "server/a1111/values.h"
#include "server/core/emphasis.h"

namespace darkroom::server::a1111 {
namespace {

namespace v1 = darkroom::v1;
using google::protobuf::Struct;

constexpr char kModel[] = "sd_model_checkpoint";
constexpr char kVae[] = "sd_vae";
constexpr char kClipSkip[] = "CLIP_stop_at_last_layers";

// AUTOMATIC1111's names and defaults.
const std::vector<std::pair<const char*, Value>>& Defaults() {
  static const auto* const defaults = new std::vector<std::pair<const char*, Value>>{
      {kModel, Text("")},
      {kVae, Text("Automatic")},
      {kClipSkip, Number(1)},
      {"eta_noise_seed_delta", Number(0)},
      {"randn_source", Text("GPU")},
      {"emphasis", Text("Original")},
      {"always_discard_next_to_last_sigma", Flag(false)},
      {"sigma_min", Number(0)},
      {"sigma_max", Number(0)},
      {"rho", Number(0)},
      {"beta_dist_alpha", Number(0.6)},
      {"beta_dist_beta", Number(0.6)},
      {"s_min_uncond", Number(0)},
      {"s_min_uncond_all", Flag(false)},
      {"tiling", Flag(false)},
  };
  return *defaults;
}

bool HasDefault(const char* name, const Value& value) {
  for (const auto& [known, standard] : Defaults()) {
    if (absl::string_view(known) != name) continue;
    return google::protobuf::util::MessageDifferencer::Equals(value, standard);
  }
  return false;
}

// What remains: a setting with its default must not stand against the model's.
Struct WithoutDefaults(const Struct& settings) {
  Struct rest;
  for (const auto& [name, value] : settings.fields()) {
    if (!HasDefault(name.c_str(), value)) (*rest.mutable_fields())[name] = value;
  }
  return rest;
}

class Applying {
 public:
  Applying(const Struct& settings, const Models& models, std::vector<FieldViolation>& violations,
           std::vector<std::string>& ignored, v1::ImageParameters& parameters)
      : fields_(settings, violations), models_(models), ignored_(ignored), p_(parameters) {}

  void Apply() {
    const std::string model = fields_.Text(kModel);
    if (!model.empty()) p_.set_model(MeantModel(model, models_));
    if (const auto skip = fields_.Whole(kClipSkip)) p_.set_clip_skip(*skip);
    if (fields_.Flag("tiling").value_or(false)) p_.set_tiling(true);
    if (const auto delta = fields_.BigWhole("eta_noise_seed_delta")) p_.set_eta_seed_delta(*delta);
    ApplyNames();
    ApplySchedule();
    if (const auto sigma = fields_.Number("s_min_uncond")) {
      p_.mutable_guidance_options()->set_min_negative_sigma(*sigma);
    }
    if (fields_.Flag("s_min_uncond_all").value_or(false)) {
      p_.mutable_guidance_options()->set_skip_negative_at_every_call(true);
    }
    const std::string vae = fields_.Text(kVae);
    if (!vae.empty() && vae != "None") {
      ignored_.push_back("sd_vae is not done: each model has its own.");
    }
  }

 private:
  void ApplyNames() {
    const std::string source = fields_.Text("randn_source");
    if (absl::EqualsIgnoreCase(source, "CPU")) {
      p_.set_noise_source(v1::NOISE_SOURCE_MT19937);
    } else if (!source.empty() && !absl::EqualsIgnoreCase(source, "NV") && source != "GPU") {
      fields_.Complain("randn_source", "is none of GPU, CPU and NV");
    }
    const std::string emphasis = fields_.Text("emphasis");
    if (emphasis.empty()) return;
    if (const auto known = prompt::FindEmphasis(emphasis)) {
      p_.set_emphasis(FromEmphasis(*known));
    } else {
      fields_.Complain("emphasis", "is none of Original, No norm, Ignore and None");
    }
  }

  void ApplySchedule() {
    v1::ScheduleOptions options;
    if (const auto sigma = fields_.Number("sigma_min")) options.set_sigma_min(*sigma);
    if (const auto sigma = fields_.Number("sigma_max")) options.set_sigma_max(*sigma);
    if (const auto rho = fields_.Number("rho")) options.set_rho(*rho);
    if (const auto alpha = fields_.Number("beta_dist_alpha")) options.set_beta_alpha(*alpha);
    if (const auto beta = fields_.Number("beta_dist_beta")) options.set_beta_beta(*beta);
    if (fields_.Flag("always_discard_next_to_last_sigma").value_or(false)) {
      options.set_discard_next_to_last_sigma(true);
    }
    if (options.ByteSizeLong() > 0) *p_.mutable_schedule_options() = options;
  }

  const Fields fields_;
  const Models& models_;
  std::vector<std::string>& ignored_;
  v1::ImageParameters& p_;
};

}  // namespace

Struct MergedSettings(const Struct& settings, const Struct& changes) {
  Struct merged = settings;
  for (const auto& [name, standard] : Defaults()) {
    const auto found = changes.fields().find(name);
    if (found == changes.fields().end()) continue;
    if (found->second.has_null_value()) {
      merged.mutable_fields()->erase(name);
    } else {
      (*merged.mutable_fields())[name] = found->second;
    }
  }
  return merged;
}

Struct WithDefaults(const Struct& settings, const std::string& default_model) {
  Struct all;
  for (const auto& [name, standard] : Defaults()) (*all.mutable_fields())[name] = standard;
  (*all.mutable_fields())[kModel].set_string_value(default_model);
  return MergedSettings(all, settings);
}

void ApplySettings(const Struct& settings, const Models& models,
                   std::vector<FieldViolation>& violations, std::vector<std::string>& ignored,
                   v1::ImageParameters& parameters) {
  Applying(WithoutDefaults(settings), models, violations, ignored, parameters).Apply();
}

}  // namespace darkroom::server::a1111
