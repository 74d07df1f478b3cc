#include "picture/upscale.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "picture/resample.h"
#include "picture/resize.h"

namespace darkroom::picture {
namespace {

// Which of `in` pixels each of `out` shows, as Pillow's ImagingScaleAffine adds it up.
std::vector<int> NearestOf(int in, int out) {
  const double scale = static_cast<double>(in) / out;
  std::vector<int> nearest;
  double place = scale * 0.5;
  for (int i = 0; i < out; ++i, place += scale) {
    nearest.push_back(std::min(static_cast<int>(place), in - 1));
  }
  return nearest;
}

// Pillow's Image.resize with NEAREST.
RgbImage ResizeNearest(const RgbImage& image, int width, int height) {
  const std::vector<int> columns = NearestOf(image.width, width);
  RgbImage result{.width = width, .height = height, .pixels = {}};
  result.pixels.reserve(std::size_t{3} * width * height);
  for (const int y : NearestOf(image.height, height)) {
    const std::uint8_t* row = &image.pixels[std::size_t{3} * y * image.width];
    for (const int x : columns) {
      result.pixels.insert(result.pixels.end(), row + 3 * x, row + 3 * x + 3);
    }
  }
  return result;
}

RgbImage ResizeLanczos(const RgbImage& image, int width, int height) {
  if (image.width == width && image.height == height) return image;
  return Resize(image, ResizeMode::kStretch, width, height);
}

// Upscaler.upscale: a multiple of 8 by an upscaler that may overshoot it.
RgbImage UpscaleBy(RgbImage image, Upscaler upscaler, double scale) {
  const int width = static_cast<int>(std::floor(image.width * scale / 8) * 8);
  const int height = static_cast<int>(std::floor(image.height * scale / 8) * 8);
  // Once is always enough: the upscaler scales by the whole of it.
  if (image.width < width || image.height < height) {
    const int scaled_width = static_cast<int>(image.width * scale);
    const int scaled_height = static_cast<int>(image.height * scale);
    image = upscaler == Upscaler::kNearest ? ResizeNearest(image, scaled_width, scaled_height)
                                           : ResizeLanczos(image, scaled_width, scaled_height);
  }
  return ResizeLanczos(image, std::max(width, 1), std::max(height, 1));
}

}  // namespace

RgbImage Upscale(const RgbImage& image, Upscaler upscaler, int width, int height) {
  const double scale = std::max(static_cast<double>(width) / image.width,
                                static_cast<double>(height) / image.height);
  if (upscaler == Upscaler::kNone || scale <= 1) return ResizeLanczos(image, width, height);
  return ResizeLanczos(UpscaleBy(image, upscaler, scale), width, height);
}

}  // namespace darkroom::picture
