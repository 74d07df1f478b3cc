#include "picture/resize.h"

#include <algorithm>
#include <cstddef>

#include "picture/resample.h"

namespace darkroom::picture {
namespace {

RgbImage Black(int width, int height) {
  RgbImage image{.width = width, .height = height, .pixels = {}};
  image.pixels.resize(std::size_t{3} * width * height);
  return image;
}

// Lays `image` into `canvas` with its left upper corner at (left, top), as far as they overlap.
void Paste(const RgbImage& image, int left, int top, RgbImage& canvas) {
  const int from_x = std::max(0, -left);
  const int columns = std::min(image.width, canvas.width - left) - from_x;
  if (columns <= 0) return;
  for (int y = std::max(0, -top); y < std::min(image.height, canvas.height - top); ++y) {
    const auto from = (static_cast<std::ptrdiff_t>(y) * image.width + from_x) * 3;
    const auto to = (static_cast<std::ptrdiff_t>(y + top) * canvas.width + left + from_x) * 3;
    std::copy_n(image.pixels.begin() + from, columns * 3, canvas.pixels.begin() + to);
  }
}

RgbImage Stretch(const RgbImage& image, int width, int height) {
  return Resample(image,
                  {0, 0, static_cast<double>(image.width), static_cast<double>(image.height)},
                  width, height, Filter::kLanczos);
}

// Draws the first and last rows out to the canvas' edges. The reference takes them from a box
// without height, of which its bicubic filter makes a blend of the two outermost rows.
void FillAboveAndBelow(const RgbImage& image, RgbImage& canvas) {
  const int rows = canvas.height / 2 - image.height / 2;
  if (rows <= 0) return;
  const double width = image.width;
  const double bottom = image.height;
  Paste(Resample(image, {0, 0, width, 0}, canvas.width, rows, Filter::kBicubic), 0, 0, canvas);
  Paste(Resample(image, {0, bottom, width, bottom}, canvas.width, rows, Filter::kBicubic), 0,
        rows + image.height, canvas);
}

void FillBeside(const RgbImage& image, RgbImage& canvas) {
  const int columns = canvas.width / 2 - image.width / 2;
  if (columns <= 0) return;
  const double right = image.width;
  const double height = image.height;
  Paste(Resample(image, {0, 0, 0, height}, columns, canvas.height, Filter::kBicubic), 0, 0, canvas);
  Paste(Resample(image, {right, 0, right, height}, columns, canvas.height, Filter::kBicubic),
        columns + image.width, 0, canvas);
}

}  // namespace

RgbImage Resize(const RgbImage& image, ResizeMode mode, int width, int height) {
  if (mode == ResizeMode::kStretch) return Stretch(image, width, height);
  const double ratio = static_cast<double>(width) / height;
  const double source_ratio = static_cast<double>(image.width) / image.height;
  const bool crops = mode == ResizeMode::kCrop;
  const bool full_width = crops ? ratio > source_ratio : ratio < source_ratio;
  const bool full_height = crops ? ratio <= source_ratio : ratio >= source_ratio;
  const int inner_width = full_width ? width : image.width * height / image.height;
  const int inner_height = full_height ? height : image.height * width / image.width;
  // Proportions so extreme that nothing would be left.
  const RgbImage inner = Stretch(image, std::max(inner_width, 1), std::max(inner_height, 1));
  RgbImage canvas = Black(width, height);
  Paste(inner, width / 2 - inner.width / 2, height / 2 - inner.height / 2, canvas);
  if (crops) return canvas;
  if (ratio < source_ratio) FillAboveAndBelow(inner, canvas);
  if (ratio > source_ratio) FillBeside(inner, canvas);
  return canvas;
}

}  // namespace darkroom::picture
