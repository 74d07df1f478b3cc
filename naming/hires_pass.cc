#include "naming/hires_pass.h"

#include "absl/strings/match.h"

namespace darkroom::naming {
namespace {

constexpr int kLatentFactor = 8;

// modules/shared.py, latent_upscale_modes, and modules/upscaler.py.
constexpr UpscalerName kUpscalers[] = {
    {"Latent", true},
    {"Latent (antialiased)", true},
    {"Latent (bicubic)", true},
    {"Latent (bicubic antialiased)", true},
    {"Latent (nearest)", true},
    {"Latent (nearest-exact)", true},
    {"None"},
    {"Lanczos"},
    {"Nearest"},
};

int InProportion(int side, int numerator, int denominator) {
  return static_cast<int>(std::int64_t{side} * numerator / denominator);
}

int Whole(int pixels) { return pixels / kLatentFactor * kLatentFactor; }

}  // namespace

HiresSize ScaledBy(int width, int height, double scale) {
  const int scaled_width = static_cast<int>(width * scale);
  const int scaled_height = static_cast<int>(height * scale);
  return {scaled_width, scaled_height, Whole(scaled_width), Whole(scaled_height)};
}

HiresSize ResizedTo(int width, int height, int to_width, int to_height) {
  const double ratio = static_cast<double>(width) / height;
  const bool takes_width =
      to_height == 0 || (to_width != 0 && ratio < static_cast<double>(to_width) / to_height);
  const int scaled_width = takes_width ? to_width : InProportion(to_height, width, height);
  const int scaled_height = takes_width ? InProportion(to_width, height, width) : to_height;
  if (to_width == 0 || to_height == 0) {
    return {scaled_width, scaled_height, Whole(scaled_width), Whole(scaled_height)};
  }
  return {scaled_width, scaled_height, to_width, to_height};
}

absl::Span<const UpscalerName> Upscalers() { return kUpscalers; }

const UpscalerName* FindUpscaler(absl::string_view name) {
  if (name.empty()) return &kUpscalers[0];
  for (const UpscalerName& upscaler : kUpscalers) {
    if (absl::EqualsIgnoreCase(upscaler.name, name)) return &upscaler;
  }
  return nullptr;
}

}  // namespace darkroom::naming
