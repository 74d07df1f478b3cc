#include "server/admission/mask_rules.h"

#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "server/admission/enum_text.h"

namespace darkroom::server {
namespace {

namespace v1 = darkroom::v1;

// AUTOMATIC1111's, of its page.
constexpr int kDefaultBlur = 4;
constexpr int kDefaultBlurOfMargins = 8;  // twice that of its "poor man's outpainting"
constexpr int kMostBlur = 64;
constexpr int kDefaultPadding = 32;
constexpr int kMostPadding = 256;
// A picture that keeps its size is encoded and stored at it, whatever the model's limits.
constexpr std::int64_t kMostKeptPixels = 2048 * 2048;

// The sizes of the two files, where both are known.
void CheckKeptPicture(Resolution& request) {
  if (!request.inputs.init_image.has_value() || !request.inputs.mask.has_value()) return;
  const int width = request.inputs.init_image->width();
  const int height = request.inputs.init_image->height();
  const std::int64_t pixels = std::int64_t{width} * height;
  if (pixels > kMostKeptPixels) {
    request.violations.Add(
        "init_image",
        absl::StrCat("is ", width, " x ", height, " = ", pixels, " pixels; with mask.only_masked, ",
                     kMostKeptPixels, " are allowed: send a smaller one"));
  }
  const picture::Header& mask = *request.inputs.mask;
  if (mask.width() == width && mask.height() == height) return;
  request.violations.Add(
      "init_image.mask",
      absl::StrCat("is ", mask.width(), " x ", mask.height(), ", the picture ", width, " x ",
                   height, "; with only_masked both have the same size"));
}

// What has no sense where the margins are the mask.
void CheckMaskOfMargins(Resolution& request) {
  const v1::Mask& mask = request.asked.init_image().mask();
  constexpr absl::string_view kWhy =
      "cannot be used with init_image.extend, whose margins are the "
      "mask; leave one of the two out";
  if (mask.source_case() != v1::Mask::SOURCE_NOT_SET) {
    request.violations.Add("init_image.mask", std::string(kWhy));
  }
  if (mask.inverted()) request.violations.Add("init_image.mask.inverted", std::string(kWhy));
  if (mask.only_masked()) request.violations.Add("init_image.mask.only_masked", std::string(kWhy));
}

// One of the six options, with its default.
struct SoftOption {
  absl::string_view field;
  double by_default;
  NumberRange range;
  bool (v1::SoftInpainting::*has)() const;
  double (v1::SoftInpainting::*get)() const;
  void (v1::SoftInpainting::*set)(double);
};

using Soft = v1::SoftInpainting;
constexpr SoftOption kSoftOptions[] = {
    {"schedule_bias",
     1,
     {.least = 0, .most = 8},
     &Soft::has_schedule_bias,
     &Soft::schedule_bias,
     &Soft::set_schedule_bias},
    {"preservation_strength",
     0.5,
     {.least = 0, .most = 8},
     &Soft::has_preservation_strength,
     &Soft::preservation_strength,
     &Soft::set_preservation_strength},
    {"transition_contrast_boost",
     4,
     {.least = 1, .most = 32},
     &Soft::has_transition_contrast_boost,
     &Soft::transition_contrast_boost,
     &Soft::set_transition_contrast_boost},
    {"mask_influence",
     0,
     {.least = 0, .most = 1},
     &Soft::has_mask_influence,
     &Soft::mask_influence,
     &Soft::set_mask_influence},
    {"difference_threshold",
     0.5,
     {.least = 0, .most = 8},
     &Soft::has_difference_threshold,
     &Soft::difference_threshold,
     &Soft::set_difference_threshold},
    {"difference_contrast",
     2,
     {.least = 0, .most = 8},
     &Soft::has_difference_contrast,
     &Soft::difference_contrast,
     &Soft::set_difference_contrast},
};

void ResolveSoft(Resolution& request, v1::SoftInpainting& soft) {
  for (const SoftOption& option : kSoftOptions) {
    if (!(soft.*option.has)()) (soft.*option.set)(option.by_default);
    request.violations.CheckRange(absl::StrCat("init_image.mask.soft.", option.field),
                                  (soft.*option.get)(), option.range);
  }
}

}  // namespace

void ResolveMask(Resolution& request) {
  const bool extends = request.resolved.init_image().has_extend();
  if (extends) CheckMaskOfMargins(request);
  if (!extends && !request.resolved.init_image().has_mask()) return;
  v1::Mask& mask = *request.resolved.mutable_init_image()->mutable_mask();
  if (!mask.has_blur()) mask.set_blur(extends ? kDefaultBlurOfMargins : kDefaultBlur);
  request.violations.CheckRange("init_image.mask.blur", std::int64_t{mask.blur()}, 0, kMostBlur);
  if (mask.fill() == v1::MASK_FILL_UNSPECIFIED) {
    mask.set_fill(extends ? v1::MASK_FILL_SURROUNDINGS : v1::MASK_FILL_ORIGINAL);
  } else if (!v1::MaskFill_IsValid(mask.fill())) {
    request.violations.Add("init_image.mask.fill", DescribeUnknownValue(*v1::MaskFill_descriptor(),
                                                                        mask.fill(), "mask fill"));
  }
  if (mask.has_soft()) ResolveSoft(request, *mask.mutable_soft());
  if (!mask.has_padding() && mask.only_masked()) mask.set_padding(kDefaultPadding);
  request.violations.CheckRange("init_image.mask.padding", std::int64_t{mask.padding()}, 0,
                                kMostPadding);
  if (mask.only_masked()) {
    CheckKeptPicture(request);
  } else {
    mask.clear_padding();
  }
}

}  // namespace darkroom::server
