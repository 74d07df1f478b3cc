#ifndef DARKROOM_COMMON_RGB_IMAGE_H_
#define DARKROOM_COMMON_RGB_IMAGE_H_

#include <cstdint>
#include <vector>

namespace darkroom {

// A picture: 8-bit sRGB, rows from the top, three bytes a pixel, no padding.
// pixels.size() == 3 * width * height.
struct RgbImage {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> pixels;

  friend bool operator==(const RgbImage&, const RgbImage&) = default;
};

}  // namespace darkroom

#endif  // DARKROOM_COMMON_RGB_IMAGE_H_
