#include "picture/pixels.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace darkroom::picture {
namespace {

constexpr unsigned kOpaque = 255;
constexpr unsigned kHalfOpaque = 128;

bool HasTransparency(const RgbaImage& image) {
  for (std::size_t i = 3; i < image.pixels.size(); i += 4) {
    if (image.pixels[i] != kOpaque) return true;
  }
  return false;
}

}  // namespace

RgbImage FlattenOnWhite(const RgbaImage& rgba) {
  RgbImage image{.width = rgba.width, .height = rgba.height, .pixels = {}};
  image.pixels.reserve(rgba.pixels.size() / 4 * 3);
  for (std::size_t i = 0; i < rgba.pixels.size(); i += 4) {
    const unsigned alpha = rgba.pixels[i + 3];
    for (std::size_t c = 0; c < 3; ++c) {
      image.pixels.push_back(Divide255(255 * (255 - alpha) + rgba.pixels[i + c] * alpha));
    }
  }
  return image;
}

GreyImage ToMask(const RgbaImage& rgba) {
  if (!HasTransparency(rgba)) return ToGrey(DropAlpha(rgba));
  GreyImage mask{.width = rgba.width, .height = rgba.height, .pixels = {}};
  mask.pixels.reserve(rgba.pixels.size() / 4);
  for (std::size_t i = 3; i < rgba.pixels.size(); i += 4) {
    mask.pixels.push_back(rgba.pixels[i] > kHalfOpaque ? 255 : 0);
  }
  return mask;
}

RgbaImage Upright(RgbaImage image, int orientation) {
  if (orientation <= 1) return image;
  // 5 to 8 are 1 to 4 with rows and columns exchanged.
  const bool turned = orientation >= 5;
  const bool mirrored_x = orientation == 2 || orientation == 3 || orientation >= 7;
  const bool mirrored_y =
      orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  RgbaImage upright{.width = turned ? image.height : image.width,
                    .height = turned ? image.width : image.height,
                    .pixels = {}};
  upright.pixels.reserve(image.pixels.size());
  for (int y = 0; y < upright.height; ++y) {
    for (int x = 0; x < upright.width; ++x) {
      int stored_x = turned ? y : x;
      int stored_y = turned ? x : y;
      if (mirrored_x) stored_x = image.width - 1 - stored_x;
      if (mirrored_y) stored_y = image.height - 1 - stored_y;
      const auto at = (static_cast<std::size_t>(stored_y) * image.width + stored_x) * 4;
      upright.pixels.insert(upright.pixels.end(), &image.pixels[at], &image.pixels[at] + 4);
    }
  }
  return upright;
}

}  // namespace darkroom::picture
