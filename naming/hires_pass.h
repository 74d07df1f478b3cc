#ifndef DARKROOM_NAMING_HIRES_PASS_H_
#define DARKROOM_NAMING_HIRES_PASS_H_

#include <algorithm>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace darkroom::naming {

// The second pass of a hires fix in AUTOMATIC1111's arithmetic, modules/processing.py,
// StableDiffusionProcessingTxt2Img.

// Pixels.
struct HiresSize {
  int scaled_width = 0;  // that the first pass's picture is scaled to
  int scaled_height = 0;
  int width = 0;  // that the second pass makes, multiples of 8: what stands over is cut off
  int height = 0;

  friend bool operator==(const HiresSize&, const HiresSize&) = default;
};

// "Upscale by". The sides are cut to whole pixels, then to multiples of 8.
HiresSize ScaledBy(int width, int height, double scale);
// "Resize width to", "Resize height to", of which one may be 0: it follows in proportion. Where
// both are given, the picture is scaled to cover them and its middle taken; they are multiples of 8
// then.
HiresSize ResizedTo(int width, int height, int to_width, int to_height);

// The steps that the second pass's schedule is laid out for, of which it makes the last `steps`:
// setup_img2img_steps with steps given. strength is above 0.
inline std::int64_t HiresScheduleSteps(double strength, int steps) {
  return static_cast<std::int64_t>(steps / std::min(strength, 0.999));
}
// The most of them that are laid out here: samplers over timesteps need these to be apart.
inline constexpr std::int64_t kMaxHiresScheduleSteps = 400;

// What scales the picture between the passes.
struct UpscalerName {
  absl::string_view name;  // AUTOMATIC1111's
  bool latent = false;     // it works on the latent, without the autoencoder
};

// The default first.
absl::Span<const UpscalerName> Upscalers();
// By its name in any case; no name is the default. Null when there is none.
const UpscalerName* FindUpscaler(absl::string_view name);

}  // namespace darkroom::naming

#endif  // DARKROOM_NAMING_HIRES_PASS_H_
