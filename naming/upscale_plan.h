#ifndef DARKROOM_NAMING_UPSCALE_PLAN_H_
#define DARKROOM_NAMING_UPSCALE_PLAN_H_

#include <cstdint>

namespace darkroom::naming {

// How a picture gets to a size with a network that enlarges by a whole number, as AUTOMATIC1111
// does it (modules/images.py, resize_image, and modules/upscaler.py, Upscaler.upscale): the network
// runs until both sides reach the size that is aimed at, at most three times, and what it made is
// scaled down to that, and from there to the size, by Lanczos.

// What a picture is made by one upscaler: its sides in their own proportions, cut to multiples
// of 8.
struct UpscaleAim {
  double scale = 1;
  int width = 0;  // 0 where a multiple of 8 is more than what comes of it
  int height = 0;

  friend bool operator==(const UpscaleAim&, const UpscaleAim&) = default;
};

// So many times as wide and high.
UpscaleAim AimBy(int width, int height, double scale);
// As large as covers a size of multiples of 8. Other than AUTOMATIC1111's, which a rounding error
// can keep 8 pixels below it.
UpscaleAim AimToCover(int width, int height, int to_width, int to_height);

struct UpscalePlan {
  // The size that is aimed at: the sides in the picture's own proportions, cut to multiples of 8,
  // at least 1.
  int aimed_width = 0;
  int aimed_height = 0;
  int runs = 0;  // of the network; 0: Lanczos alone
  // What the last run makes.
  std::int64_t largest_width = 0;
  std::int64_t largest_height = 0;
  // Pixels that the network is given in all runs together.
  std::int64_t pixels = 0;
};

// To the aim itself. The sides, those of the aim and the scale of the network are at least 1.
UpscalePlan PlanUpscale(int width, int height, const UpscaleAim& aim, int network_scale);

// All sides and the scale are at least 1. No size is aimed at where the picture is as large
// already.
UpscalePlan PlanUpscale(int width, int height, int to_width, int to_height, int network_scale);

// The most pixels that a run may make, on the way to a smaller size too: 192 MiB.
inline constexpr std::int64_t kMaxUpscaledPixels = std::int64_t{1} << 26;

}  // namespace darkroom::naming

#endif  // DARKROOM_NAMING_UPSCALE_PLAN_H_
