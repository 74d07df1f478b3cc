#include "infotext/infotext.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "infotext/parts.h"
#include "infotext/quoting.h"
#include "infotext/whitespace.h"

namespace darkroom::infotext {
namespace {

using Parameters = ImageParameters;
using Member =
    std::variant<bool Parameters::*, int Parameters::*, std::string Parameters::*,
                 std::optional<int> Parameters::*, std::optional<std::int64_t> Parameters::*,
                 std::optional<double> Parameters::*, std::optional<Size> Parameters::*>;

struct Field {
  absl::string_view key;
  Member member;
  bool always = false;  // also when it has the default
};

// In the order of A1111's create_infotext, then that in which a job's steps add theirs.
constexpr Field kFields[] = {
    {"Steps", &Parameters::steps},
    {"Sampler", &Parameters::sampler},
    {"Schedule type", &Parameters::schedule, true},
    {"CFG scale", &Parameters::guidance_scale},
    {"Image CFG scale", &Parameters::picture_guidance_scale},
    {"Seed", &Parameters::seed},
    {"Size", &Parameters::size},
    {"Model hash", &Parameters::model_hash},
    {"Model", &Parameters::model},
    {"VAE hash", &Parameters::vae_hash},
    {"VAE", &Parameters::vae},
    {"Variation seed", &Parameters::variation_seed},
    {"Variation seed strength", &Parameters::variation_strength},
    {"Seed resize from", &Parameters::seed_resize_from},
    {"Denoising strength", &Parameters::denoising_strength},
    {"Clip skip", &Parameters::clip_skip},
    {"ENSD", &Parameters::eta_seed_delta},
    {"RNG", &Parameters::noise_source},
    {"Tiling", &Parameters::tiling},
    {"Mask mode", &Parameters::mask_mode},
    {"Mask blur", &Parameters::mask_blur},
    {"Inpaint area", &Parameters::inpaint_area},
    {"Masked area padding", &Parameters::masked_padding},
    {"Masked content", &Parameters::masked_content},
    {"Outpaint margins", &Parameters::outpaint_margins},
    {"Soft inpainting enabled", &Parameters::soft_inpainting},
    {"Soft inpainting schedule bias", &Parameters::soft_schedule_bias},
    {"Soft inpainting preservation strength", &Parameters::soft_preservation_strength},
    {"Soft inpainting transition contrast boost", &Parameters::soft_contrast_boost},
    {"Soft inpainting mask influence", &Parameters::soft_mask_influence},
    {"Soft inpainting difference threshold", &Parameters::soft_difference_threshold},
    {"Soft inpainting difference contrast", &Parameters::soft_difference_contrast},
    {"Hires sampler", &Parameters::hires_sampler},
    {"Hires prompt", &Parameters::hires_prompt},
    {"Hires negative prompt", &Parameters::hires_negative_prompt},
    {"Hires CFG Scale", &Parameters::hires_guidance_scale},
    {"Hires schedule type", &Parameters::hires_schedule},
    {"Hires upscale", &Parameters::hires_upscale},
    {"Hires resize", &Parameters::hires_resize},
    {"Hires steps", &Parameters::hires_steps},
    {"Hires upscaler", &Parameters::hires_upscaler},
    {"Emphasis", &Parameters::emphasis},
    {"Noise Schedule", &Parameters::noise_schedule},
    {"Discard penultimate sigma", &Parameters::discard_penultimate_sigma},
    {"Schedule min sigma", &Parameters::schedule_sigma_min},
    {"Schedule max sigma", &Parameters::schedule_sigma_max},
    {"Schedule rho", &Parameters::schedule_rho},
    {"Beta schedule alpha", &Parameters::beta_schedule_alpha},
    {"Beta schedule beta", &Parameters::beta_schedule_beta},
    {"Eta", &Parameters::eta},
    {"Eta DDIM", &Parameters::eta_ddim},
    {"Sigma churn", &Parameters::sigma_churn},
    {"Sigma tmin", &Parameters::sigma_tmin},
    {"Sigma tmax", &Parameters::sigma_tmax},
    {"Sigma noise", &Parameters::sigma_noise},
    {"CFG Rescale", &Parameters::guidance_rescale},
    {"NGMS", &Parameters::min_uncond_sigma},
    {"NGMS all steps", &Parameters::skip_uncond_at_every_call},
};
// After the pairs of other programs.
constexpr Field kVersion = {"Version", &Parameters::version};

std::string ToText(bool value) { return value ? "True" : "False"; }
std::string ToText(int value) { return absl::StrCat(value); }
std::string ToText(std::int64_t value) { return absl::StrCat(value); }
std::string ToText(const std::string& value) { return value; }
std::string ToText(const Size& value) { return absl::StrCat(value.width, "x", value.height); }
// The shortest digits that give the number back: 7, 7.5.
std::string ToText(double value) {
  char digits[32];
  const std::to_chars_result end = std::to_chars(digits, digits + sizeof(digits), value);
  return std::string(digits, end.ptr);
}
template <typename T>
std::string ToText(const std::optional<T>& value) {
  return value.has_value() ? ToText(*value) : std::string();
}

// All return whether the text is such a value, and leave the other alone where it is not.
bool FromText(absl::string_view text, bool* value) {
  if (text != "True" && text != "False") return false;
  *value = text == "True";
  return true;
}
template <typename Integer>
bool IntegerFromText(absl::string_view text, Integer* value) {
  Integer parsed = 0;
  if (!absl::SimpleAtoi(text, &parsed)) return false;
  *value = parsed;
  return true;
}
bool FromText(absl::string_view text, int* value) { return IntegerFromText(text, value); }
bool FromText(absl::string_view text, std::int64_t* value) { return IntegerFromText(text, value); }
bool FromText(absl::string_view text, double* value) {
  double parsed = 0;
  if (!absl::SimpleAtod(text, &parsed) || !std::isfinite(parsed)) return false;
  *value = parsed;
  return true;
}
bool FromText(absl::string_view text, std::string* value) {
  *value = std::string(text);
  return !text.empty();
}
bool FromText(absl::string_view text, Size* value) {
  const auto cross = text.find('x');
  if (cross == absl::string_view::npos ||
      text.find_first_not_of("0123456789x") != absl::string_view::npos) {
    return false;
  }
  Size size;
  if (!FromText(text.substr(0, cross), &size.width) ||
      !FromText(text.substr(cross + 1), &size.height)) {
    return false;
  }
  *value = size;
  return true;
}
template <typename T>
bool FromText(absl::string_view text, std::optional<T>* value) {
  T parsed{};
  if (!FromText(text, &parsed)) return false;
  *value = std::move(parsed);
  return true;
}

void AppendPair(absl::string_view key, absl::string_view value, std::string* line) {
  absl::StrAppend(line, line->empty() ? "" : ", ", key, ": ", QuoteValue(value));
}

void AppendField(const Field& field, const Parameters& parameters, std::string* line) {
  static const Parameters defaults;
  std::visit(
      [&](const auto member) {
        if (!field.always && parameters.*member == defaults.*member) return;
        const std::string text = ToText(parameters.*member);
        if (!text.empty()) AppendPair(field.key, text, line);
      },
      field.member);
}

// Moves the field's value out of the pairs that have not been understood.
void TakeField(const Field& field, Parameters* parameters) {
  std::vector<Pair>& pairs = parameters->others;
  const auto pair = std::find_if(pairs.begin(), pairs.end(),
                                 [&](const Pair& other) { return other.key == field.key; });
  if (pair == pairs.end()) return;
  const bool understood =
      std::visit([&](const auto member) { return FromText(pair->value, &(parameters->*member)); },
                 field.member);
  if (understood) pairs.erase(pair);
}

}  // namespace

std::string FormatInfotext(const ImageParameters& parameters) {
  std::string line;
  for (const Field& field : kFields) AppendField(field, parameters, &line);
  for (const Pair& pair : parameters.others) {
    if (IsPairKey(pair.key)) AppendPair(pair.key, pair.value, &line);
  }
  AppendField(kVersion, parameters, &line);
  std::string text = parameters.prompt;
  if (!parameters.negative_prompt.empty()) {
    absl::StrAppend(&text, "\nNegative prompt: ", parameters.negative_prompt);
  }
  absl::StrAppend(&text, "\n", line);
  return std::string(Strip(text));
}

ImageParameters ParseInfotext(absl::string_view text) {
  InfotextParts parts = SplitInfotext(text);
  ImageParameters parameters;
  parameters.prompt = std::move(parts.prompt);
  parameters.negative_prompt = std::move(parts.negative_prompt);
  parameters.others = std::move(parts.pairs);
  for (const Field& field : kFields) TakeField(field, &parameters);
  TakeField(kVersion, &parameters);
  return parameters;
}

std::string AppendPairs(absl::string_view text, const std::vector<Pair>& pairs) {
  const absl::string_view before = Strip(text);
  std::string line;
  for (const Pair& pair : pairs) AppendPair(pair.key, pair.value, &line);
  if (before.empty()) return line;
  return absl::StrCat(before, SplitInfotext(before).pairs.empty() ? "\n" : ", ", line);
}

}  // namespace darkroom::infotext
