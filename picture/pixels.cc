#include "picture/pixels.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace darkroom::picture {
namespace {

// a / 255, rounded.
std::uint8_t Divide255(unsigned a) {
  a += 128;
  return static_cast<std::uint8_t>((a + (a >> 8)) >> 8);
}

}  // namespace

RgbImage FlattenOnWhite(absl::Span<const std::uint8_t> rgba, int width, int height) {
  RgbImage image{.width = width, .height = height, .pixels = {}};
  image.pixels.reserve(rgba.size() / 4 * 3);
  for (std::size_t i = 0; i < rgba.size(); i += 4) {
    const unsigned alpha = rgba[i + 3];
    for (std::size_t c = 0; c < 3; ++c) {
      image.pixels.push_back(Divide255(255 * (255 - alpha) + rgba[i + c] * alpha));
    }
  }
  return image;
}

RgbImage Upright(RgbImage image, int orientation) {
  if (orientation <= 1) return image;
  // 5 to 8 are 1 to 4 with rows and columns exchanged.
  const bool turned = orientation >= 5;
  const bool mirrored_x = orientation == 2 || orientation == 3 || orientation >= 7;
  const bool mirrored_y =
      orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  RgbImage upright{.width = turned ? image.height : image.width,
                   .height = turned ? image.width : image.height,
                   .pixels = {}};
  upright.pixels.reserve(image.pixels.size());
  for (int y = 0; y < upright.height; ++y) {
    for (int x = 0; x < upright.width; ++x) {
      int stored_x = turned ? y : x;
      int stored_y = turned ? x : y;
      if (mirrored_x) stored_x = image.width - 1 - stored_x;
      if (mirrored_y) stored_y = image.height - 1 - stored_y;
      const auto at = (static_cast<std::size_t>(stored_y) * image.width + stored_x) * 3;
      upright.pixels.insert(upright.pixels.end(), &image.pixels[at], &image.pixels[at] + 3);
    }
  }
  return upright;
}

}  // namespace darkroom::picture
