#include "cli/grid/shrink.h"

#include <algorithm>
#include <cstddef>

namespace darkroom::cli {

RgbImage Shrink(const RgbImage& image, int factor) {
  if (factor <= 1) return image;
  RgbImage small;
  small.width = std::max(1, image.width / factor);
  small.height = std::max(1, image.height / factor);
  small.pixels.reserve(static_cast<std::size_t>(small.width) * small.height * 3);
  const int across = std::min(factor, image.width);
  const int down = std::min(factor, image.height);
  for (int y = 0; y < small.height; ++y) {
    for (int x = 0; x < small.width; ++x) {
      for (int channel = 0; channel < 3; ++channel) {
        int sum = 0;
        for (int i = 0; i < across * down; ++i) {
          const std::size_t row = static_cast<std::size_t>(y) * factor + i / across;
          const std::size_t column = static_cast<std::size_t>(x) * factor + i % across;
          sum += image.pixels[(row * image.width + column) * 3 + channel];
        }
        small.pixels.push_back(static_cast<std::uint8_t>(sum / (across * down)));
      }
    }
  }
  return small;
}

}  // namespace darkroom::cli
