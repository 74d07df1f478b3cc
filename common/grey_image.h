#ifndef DARKROOM_COMMON_GREY_IMAGE_H_
#define DARKROOM_COMMON_GREY_IMAGE_H_

#include <cstdint>
#include <vector>

namespace darkroom {

// One 8-bit value a pixel, rows from the top, no padding: a mask. pixels.size() == width * height.
struct GreyImage {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> pixels;

  friend bool operator==(const GreyImage&, const GreyImage&) = default;
};

}  // namespace darkroom

#endif  // DARKROOM_COMMON_GREY_IMAGE_H_
