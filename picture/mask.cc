#include "picture/mask.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "picture/blur.h"
#include "picture/resample.h"
#include "picture/rgba.h"

namespace darkroom::picture {
namespace {

// One side of ExpandRegion: [from, to) made `more` longer within [0, size).
void Lengthen(int more, int size, int* from, int* to) {
  *from -= more / 2;
  *to += more - more / 2;
  if (*to >= size) {
    *from -= *to - size;
    *to = size;
  }
  if (*from < 0) {
    *to -= *from;
    *from = 0;
  }
  *to = std::min(*to, size);
}

RgbImage AsRgb(const GreyImage& grey) {
  RgbImage image{.width = grey.width, .height = grey.height, .pixels = {}};
  image.pixels.reserve(3 * grey.pixels.size());
  for (const std::uint8_t value : grey.pixels) image.pixels.insert(image.pixels.end(), 3, value);
  return image;
}

// Of a picture whose channels are equal.
GreyImage FirstChannel(const RgbImage& image) {
  GreyImage grey{.width = image.width, .height = image.height, .pixels = {}};
  grey.pixels.reserve(image.pixels.size() / 3);
  for (std::size_t i = 0; i < image.pixels.size(); i += 3) grey.pixels.push_back(image.pixels[i]);
  return grey;
}

}  // namespace

GreyImage Inverted(GreyImage mask) {
  for (std::uint8_t& value : mask.pixels) value = static_cast<std::uint8_t>(255 - value);
  return mask;
}

GreyImage ResizeMask(const GreyImage& mask, ResizeMode mode, int width, int height) {
  return FirstChannel(Resize(AsRgb(mask), mode, width, height));
}

GreyImage ReduceMask(const GreyImage& mask, int width, int height) {
  const Box whole = {0, 0, static_cast<double>(mask.width), static_cast<double>(mask.height)};
  return FirstChannel(Resample(AsRgb(mask), whole, width, height, Filter::kBicubic));
}

std::optional<Region> CropRegion(const GreyImage& mask, int padding) {
  Region region{.left = mask.width, .top = mask.height, .right = 0, .bottom = 0};
  for (int y = 0; y < mask.height; ++y) {
    const auto row = mask.pixels.begin() + static_cast<std::ptrdiff_t>(y) * mask.width;
    for (int x = 0; x < mask.width; ++x) {
      if (row[x] == 0) continue;
      region.left = std::min(region.left, x);
      region.right = std::max(region.right, x + 1);
      region.top = std::min(region.top, y);
      region.bottom = y + 1;
    }
  }
  if (region.right == 0) return std::nullopt;
  return Region{.left = std::max(region.left - padding, 0),
                .top = std::max(region.top - padding, 0),
                .right = std::min(region.right + padding, mask.width),
                .bottom = std::min(region.bottom + padding, mask.height)};
}

Region ExpandRegion(const Region& region, int width, int height, int image_width,
                    int image_height) {
  Region expanded = region;
  const double ratio = static_cast<double>(width) / height;
  if (static_cast<double>(region.width()) / region.height() > ratio) {
    const int more = static_cast<int>(region.width() / ratio - region.height());
    Lengthen(more, image_height, &expanded.top, &expanded.bottom);
  } else {
    const int more = static_cast<int>(region.height() * ratio - region.width());
    Lengthen(more, image_width, &expanded.left, &expanded.right);
  }
  return expanded;
}

RgbImage Crop(const RgbImage& image, const Region& region) {
  RgbImage crop{.width = region.width(), .height = region.height(), .pixels = {}};
  crop.pixels.reserve(std::size_t{3} * crop.width * crop.height);
  for (int y = region.top; y < region.bottom; ++y) {
    const auto row = image.pixels.begin() + std::ptrdiff_t{3} * y * image.width;
    crop.pixels.insert(crop.pixels.end(), row + std::ptrdiff_t{3} * region.left,
                       row + std::ptrdiff_t{3} * region.right);
  }
  return crop;
}

GreyImage Crop(const GreyImage& mask, const Region& region) {
  GreyImage crop{.width = region.width(), .height = region.height(), .pixels = {}};
  crop.pixels.reserve(static_cast<std::size_t>(crop.width) * crop.height);
  for (int y = region.top; y < region.bottom; ++y) {
    const auto row = mask.pixels.begin() + static_cast<std::ptrdiff_t>(y) * mask.width;
    crop.pixels.insert(crop.pixels.end(), row + region.left, row + region.right);
  }
  return crop;
}

RgbImage FillMasked(const RgbImage& image, const GreyImage& mask) {
  constexpr struct {
    float radius;
    int repeats;
  } kBlurs[] = {{256, 1}, {64, 1}, {16, 2}, {4, 4}, {2, 2}, {0, 1}};
  const RgbaImage outside = PremultipliedOutside(image, mask);
  RgbaImage filled{.width = image.width, .height = image.height, .pixels = {}};
  filled.pixels.resize(outside.pixels.size());
  for (const auto& [radius, repeats] : kBlurs) {
    const RgbaImage blurred = Unpremultiply(BoxBlurred(outside, radius));
    for (int i = 0; i < repeats; ++i) AlphaComposite(blurred, filled);
  }
  return DropAlpha(filled);
}

}  // namespace darkroom::picture
