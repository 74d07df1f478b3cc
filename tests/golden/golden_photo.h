#ifndef DARKROOM_TESTS_GOLDEN_GOLDEN_PHOTO_H_
#define DARKROOM_TESTS_GOLDEN_GOLDEN_PHOTO_H_

#include <cstdint>

#include "common/rgb_image.h"

namespace darkroom {

// The picture that the scripts of upscale/ and extras/ enlarge.
inline RgbImage GoldenPhoto(int width, int height) {
  RgbImage image{.width = width, .height = height, .pixels = {}};
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      for (int c = 0; c < 3; ++c) {
        image.pixels.push_back(
            static_cast<std::uint8_t>((7 * x + 13 * y + 50 * c + (x * y) % 31) % 256));
      }
    }
  }
  return image;
}

}  // namespace darkroom

#endif  // DARKROOM_TESTS_GOLDEN_GOLDEN_PHOTO_H_
