#include "server/admission/request_validator.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "server/admission/name_choice.h"
#include "server/core/resource_name.h"

namespace darkroom::server {
namespace {

using darkroom::v1::ImageParameters;
using darkroom::v1::Model;

// Collects the violations of one request while its parameters are resolved field by field. Checks
// that need a model are left out when the model itself is unknown.
class Resolver {
 public:
  Resolver(const ImageParameters& asked, const Catalogue& catalogue)
      : asked_(asked), catalogue_(catalogue) {
    verdict_.resolved = asked;
  }

  Verdict Resolve(absl::FunctionRef<std::uint32_t()> draw_seed) {
    CheckPrompt("prompt", asked_.prompt());
    CheckPrompt("negative_prompt", asked_.negative_prompt());
    ResolveModel();
    ResolveSize();
    ResolveSteps();
    ResolveNames();
    ResolveGuidance();
    ResolveSeed(draw_seed);
    ResolveImageCount();
    ResolveClipSkip();
    ResolveNoiseSource();
    ResolvePreviewInterval();
    CheckLastSeed();
    return std::move(verdict_);
  }

 private:
  void Reject(absl::string_view field, std::string description) {
    verdict_.violations.push_back({absl::StrCat("parameters.", field), std::move(description)});
  }

  bool CheckRange(absl::string_view field, std::int64_t value, std::int64_t least,
                  std::int64_t most) {
    if (value >= least && value <= most) return true;
    Reject(field, absl::StrCat("is ", value, "; it must be ", least, " to ", most));
    return false;
  }

  void CheckPrompt(absl::string_view field, absl::string_view text) {
    if (text.size() <= kMaxPromptBytes) return;
    Reject(field, absl::StrCat("has ", text.size(), " bytes of UTF-8; at most ", kMaxPromptBytes,
                               " are allowed, shorten it"));
  }

  void ResolveModel() {
    absl::string_view id = asked_.model();
    absl::ConsumePrefix(&id, "models/");
    if (asked_.model().empty()) id = catalogue_.default_model;
    if (const auto found = catalogue_.models.find(std::string(id));
        found != catalogue_.models.end()) {
      model_ = &found->second;
      verdict_.model = found->first;
      verdict_.resolved.set_model(ModelName(found->first));
      return;
    }
    std::vector<std::string> known;
    for (const auto& [name, model] : catalogue_.models) known.push_back(name);
    if (id.empty()) {
      Reject("model", "is empty and this server has no default model; name one of: " +
                          absl::StrCat("\"", absl::StrJoin(known, "\", \""), "\""));
    } else {
      Reject("model", DescribeUnknownName("model", id, known));
    }
  }

  void ResolveSize() {
    const auto width = ResolveSide("width", asked_.has_width(), asked_.width(),
                                   model_ ? model_->default_width() : 0);
    const auto height = ResolveSide("height", asked_.has_height(), asked_.height(),
                                    model_ ? model_->default_height() : 0);
    verdict_.resolved.set_width(width.value);
    verdict_.resolved.set_height(height.value);
    if (model_ == nullptr || !width.good || !height.good) return;
    const std::int64_t pixels = std::int64_t{width.value} * height.value;
    if (pixels <= model_->max_pixels()) return;
    // Blames the fields that were sent; a model's defaults agree with its limits.
    const std::string text = absl::StrCat("makes a picture of ", width.value, " x ", height.value,
                                          " = ", pixels, " pixels; the model allows at most ",
                                          model_->max_pixels(), ", make it smaller");
    if (asked_.has_width()) Reject("width", text);
    if (asked_.has_height()) Reject("height", text);
  }

  struct Side {
    int value;
    bool good;
  };
  Side ResolveSide(absl::string_view field, bool present, int value, int default_value) {
    if (!present) return {default_value, true};
    const int multiple = model_ ? std::max(model_->size_multiple(), 1) : 8;
    const int most = model_ ? model_->max_side() : 1 << 20;
    if (value < multiple || value > most) {
      Reject(field, absl::StrCat("is ", value, "; it must be ", multiple, " to ", most,
                                 ", in multiples of ", multiple));
      return {value, false};
    }
    if (value % multiple != 0) {
      const int below = value - value % multiple;
      const std::string above =
          below + multiple <= most ? absl::StrCat(" or ", below + multiple) : "";
      Reject(field, absl::StrCat("is ", value, ", which is not a multiple of ", multiple, "; use ",
                                 below, above));
      return {value, false};
    }
    return {value, true};
  }

  void ResolveSteps() {
    const int most = model_ ? std::min(model_->max_steps(), kMaxSteps) : kMaxSteps;
    if (asked_.has_steps()) {
      CheckRange("steps", asked_.steps(), 1, most);
    } else if (model_ != nullptr) {
      verdict_.resolved.set_steps(model_->default_steps());
    }
  }

  void ResolveNames() {
    if (model_ == nullptr) return;
    const auto choose = [this](absl::string_view field, const std::string& asked,
                               const auto& known_names, const std::string& default_name) {
      if (asked.empty()) return default_name;
      const std::vector<std::string> known(known_names.begin(), known_names.end());
      if (std::find(known.begin(), known.end(), asked) == known.end()) {
        Reject(field, DescribeUnknownName(field, asked, known));
      }
      return asked;
    };
    verdict_.resolved.set_sampler(
        choose("sampler", asked_.sampler(), model_->samplers(), model_->default_sampler()));
    verdict_.resolved.set_schedule(
        choose("schedule", asked_.schedule(), model_->schedules(), model_->default_schedule()));
  }

  void ResolveGuidance() {
    if (!asked_.has_guidance_scale()) {
      if (model_) verdict_.resolved.set_guidance_scale(model_->default_guidance_scale());
      return;
    }
    const double scale = asked_.guidance_scale();
    // Written so that NaN fails.
    if (scale >= kMinGuidance && scale <= kMaxGuidance) return;
    const std::string shown = std::isnan(scale) ? "not a number" : absl::StrCat(scale);
    Reject("guidance_scale",
           absl::StrCat("is ", shown, "; it must be ", kMinGuidance, " to ", kMaxGuidance));
  }

  void ResolveSeed(absl::FunctionRef<std::uint32_t()> draw_seed) {
    if (asked_.has_seed() && asked_.seed() != -1) {
      seed_good_ = CheckRange("seed", asked_.seed(), -1, kMaxSeed);
      return;
    }
    // The seeds of the other images follow, so the first one leaves room for them.
    const std::int64_t room = std::max(asked_.image_count(), 1) - 1;
    verdict_.resolved.set_seed(std::min<std::int64_t>(draw_seed(), kMaxSeed - room));
    seed_good_ = true;
  }

  void ResolveImageCount() {
    if (!asked_.has_image_count()) {
      verdict_.resolved.set_image_count(1);
      return;
    }
    const int most = model_ ? model_->max_images() : 1 << 10;
    count_good_ = CheckRange("image_count", asked_.image_count(), 1, most);
  }

  void CheckLastSeed() {
    const std::int64_t last = verdict_.resolved.seed() + verdict_.resolved.image_count() - 1;
    if (!seed_good_ || !count_good_ || last <= kMaxSeed) return;
    Reject("seed", absl::StrCat("is ", verdict_.resolved.seed(), ", so that the last of ",
                                verdict_.resolved.image_count(), " images has seed ", last,
                                "; seeds end at ", kMaxSeed));
  }

  void ResolveClipSkip() {
    if (!asked_.has_clip_skip()) {
      verdict_.resolved.set_clip_skip(1);
      return;
    }
    CheckRange("clip_skip", asked_.clip_skip(), 1, model_ ? model_->max_clip_skip() : 12);
  }

  void ResolveNoiseSource() {
    if (asked_.noise_source() == darkroom::v1::NOISE_SOURCE_UNSPECIFIED) {
      verdict_.resolved.set_noise_source(darkroom::v1::NOISE_SOURCE_PHILOX);
    } else if (!darkroom::v1::NoiseSource_IsValid(asked_.noise_source())) {
      Reject("noise_source",
             absl::StrCat("is ", static_cast<int>(asked_.noise_source()),
                          ", which is not a known noise source; known: NOISE_SOURCE_PHILOX (1), "
                          "NOISE_SOURCE_MT19937 (2)"));
    }
  }

  void ResolvePreviewInterval() {
    if (asked_.has_preview_interval()) {
      CheckRange("preview_interval", asked_.preview_interval(), 0, kMaxSteps);
    } else {
      verdict_.resolved.set_preview_interval(kDefaultPreviewInterval);
    }
  }

  const ImageParameters& asked_;
  const Catalogue& catalogue_;
  const Model* model_ = nullptr;
  bool seed_good_ = false;
  bool count_good_ = true;
  Verdict verdict_;
};

}  // namespace

Verdict ValidateParameters(const ImageParameters& asked, const Catalogue& catalogue,
                           absl::FunctionRef<std::uint32_t()> draw_seed) {
  return Resolver(asked, catalogue).Resolve(draw_seed);
}

std::vector<FieldViolation> ValidateRequestId(absl::string_view request_id) {
  if (request_id.size() > kMaxRequestIdBytes) {
    return {{"request_id", absl::StrCat("has ", request_id.size(), " characters; at most ",
                                        kMaxRequestIdBytes, " are allowed")}};
  }
  const bool printable = std::all_of(request_id.begin(), request_id.end(),
                                     [](char c) { return c >= 0x20 && c <= 0x7E; });
  if (!printable) return {{"request_id", "has characters other than printable ASCII"}};
  return {};
}

}  // namespace darkroom::server
