#ifndef DARKROOM_WORKER_IMAGE_NOISE_PICTURE_H_
#define DARKROOM_WORKER_IMAGE_NOISE_PICTURE_H_

#include <cstdint>

#include "common/rgb_image.h"

namespace darkroom::worker {

// For tests: nothing that an encoder could foresee, the same at every call.
inline RgbImage NoisePicture(int width, int height) {
  RgbImage image{width, height, {}};
  std::uint32_t state = 1;
  for (int i = 0; i < width * height * 3; ++i) {
    state = state * 1664525 + 1013904223;
    image.pixels.push_back(static_cast<std::uint8_t>(state >> 24));
  }
  return image;
}

}  // namespace darkroom::worker

#endif  // DARKROOM_WORKER_IMAGE_NOISE_PICTURE_H_
