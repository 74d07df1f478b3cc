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

}  // namespace

RgbImage UpscaleBy(const RgbImage& image, Upscaler upscaler, double scale, int width, int height) {
  // Once is always enough: the upscaler scales by the whole of it.
  if (image.width >= width && image.height >= height) return ResizeLanczos(image, width, height);
  const int scaled_width = static_cast<int>(image.width * scale);
  const int scaled_height = static_cast<int>(image.height * scale);
  const RgbImage scaled = upscaler == Upscaler::kNearest
                              ? ResizeNearest(image, scaled_width, scaled_height)
                              : ResizeLanczos(image, scaled_width, scaled_height);
  return ResizeLanczos(scaled, width, height);
}

RgbImage Upscale(const RgbImage& image, Upscaler upscaler, int width, int height) {
  const double scale = std::max(static_cast<double>(width) / image.width,
                                static_cast<double>(height) / image.height);
  if (upscaler == Upscaler::kNone || scale <= 1) return ResizeLanczos(image, width, height);
  const auto multiple = [scale](int side) {
    return std::max(static_cast<int>(std::floor(side * scale / 8) * 8), 1);
  };
  return ResizeLanczos(
      UpscaleBy(image, upscaler, scale, multiple(image.width), multiple(image.height)), width,
      height);
}

RgbImage CutMiddle(const RgbImage& image, int width, int height) {
  const int left = image.width / 2 - width / 2;
  const int top = image.height / 2 - height / 2;
  RgbImage result{.width = width, .height = height, .pixels = {}};
  result.pixels.reserve(std::size_t{3} * width * height);
  for (int y = 0; y < height; ++y) {
    const std::uint8_t* row =
        &image.pixels[(static_cast<std::size_t>(top + y) * image.width + left) * 3];
    result.pixels.insert(result.pixels.end(), row, row + std::size_t{3} * width);
  }
  return result;
}

RgbImage Blend(const RgbImage& first, const RgbImage& second, double share) {
  const auto alpha = static_cast<float>(share);
  RgbImage result = first;
  for (std::size_t i = 0; i < result.pixels.size(); ++i) {
    const int from = first.pixels[i];
    const int to = second.pixels[i];
    const float value = static_cast<float>(from) + alpha * static_cast<float>(to - from);
    result.pixels[i] = static_cast<std::uint8_t>(value);
  }
  return result;
}

}  // namespace darkroom::picture
