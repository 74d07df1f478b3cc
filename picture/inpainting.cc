#include "picture/inpainting.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "picture/blur.h"

namespace darkroom::picture {
namespace {

// What is kept: less than the mask leaves, so that no edge of the old picture shows through.
GreyImage Doubled(GreyImage mask) {
  for (std::uint8_t& value : mask.pixels) {
    value = static_cast<std::uint8_t>(std::min(2 * value, 255));
  }
  return mask;
}

RgbaImage Opaque(const RgbImage& image) {
  RgbaImage opaque{.width = image.width, .height = image.height, .pixels = {}};
  opaque.pixels.reserve(image.pixels.size() / 3 * 4);
  for (std::size_t i = 0; i < image.pixels.size(); i += 3) {
    opaque.pixels.insert(opaque.pixels.end(), &image.pixels[i], &image.pixels[i] + 3);
    opaque.pixels.push_back(255);
  }
  return opaque;
}

// What the mask does not cover.
RgbaImage Outside(const RgbImage& image, const GreyImage& mask) {
  return Unpremultiply(PremultipliedOutside(image, mask));
}

// Pillow blurs one channel as it does each of four.
GreyImage Blurred(const GreyImage& mask, float radius) {
  RgbaImage four{.width = mask.width, .height = mask.height, .pixels = {}};
  four.pixels.reserve(4 * mask.pixels.size());
  for (const std::uint8_t value : mask.pixels) four.pixels.insert(four.pixels.end(), 4, value);
  four = BoxBlurred(std::move(four), radius);
  GreyImage blurred = mask;
  for (std::size_t i = 0; i < blurred.pixels.size(); ++i) blurred.pixels[i] = four.pixels[4 * i];
  return blurred;
}

// A mask of width x height with this one in its region, and 0 elsewhere.
GreyImage Uncropped(const GreyImage& mask, const Region& region, int width, int height) {
  const GreyImage placed = ResizeMask(mask, ResizeMode::kCrop, region.width(), region.height());
  GreyImage whole{.width = width, .height = height, .pixels = {}};
  whole.pixels.resize(static_cast<std::size_t>(width) * height);
  for (int y = 0; y < placed.height; ++y) {
    std::copy_n(&placed.pixels[static_cast<std::size_t>(y) * placed.width], placed.width,
                &whole.pixels[static_cast<std::size_t>(region.top + y) * width + region.left]);
  }
  return whole;
}

InpaintingStart BeginRegion(const RgbImage& image, const GreyImage& mask, const Region& region,
                            bool soft, int width, int height) {
  return {.picture = Resize(Crop(image, region), ResizeMode::kFill, width, height),
          .mask = ResizeMask(Crop(mask, region), ResizeMode::kFill, width, height),
          .overlay = {.picture = soft ? Opaque(image) : Outside(image, mask), .region = region}};
}

InpaintingStart BeginWhole(const RgbImage& image, const GreyImage& mask, ResizeMode mode, bool soft,
                           int width, int height) {
  InpaintingStart start{.picture = Resize(image, mode, width, height),
                        .mask = ResizeMask(mask, mode, width, height),
                        .overlay = {.picture = {}, .region = {0, 0, width, height}}};
  start.overlay.picture =
      soft ? Opaque(start.picture) : Outside(start.picture, Doubled(start.mask));
  return start;
}

}  // namespace

std::optional<InpaintingStart> BeginInpainting(const RgbImage& image, const GreyImage& mask,
                                               const MaskOptions& options, ResizeMode mode,
                                               int width, int height) {
  const GreyImage blurred = BlurMask(options.inverted ? Inverted(mask) : mask, options.blur);
  const std::optional<Region> covered = CropRegion(blurred, options.padding.value_or(0));
  if (!covered.has_value()) return std::nullopt;
  InpaintingStart start;
  if (options.padding.has_value()) {
    const Region region = ExpandRegion(*covered, width, height, mask.width, mask.height);
    start = BeginRegion(image, blurred, region, options.soft, width, height);
  } else {
    start = BeginWhole(image, blurred, mode, options.soft, width, height);
  }
  if (options.fills) start.picture = FillMasked(start.picture, start.mask);
  return start;
}

Overlay SoftOverlay(const Overlay& whole, const GreyImage& changed, int width, int height) {
  constexpr float kRadius = 4;
  const GreyImage mask =
      Uncropped(Blurred(ResizeMask(changed, ResizeMode::kFill, width, height), kRadius),
                whole.region, whole.picture.width, whole.picture.height);
  return {.picture = Outside(DropAlpha(whole.picture), mask), .region = whole.region};
}

RgbImage ApplyOverlay(const Overlay& overlay, const RgbImage& made) {
  const Region& region = overlay.region;
  const RgbImage placed = Resize(made, ResizeMode::kCrop, region.width(), region.height());
  RgbaImage result{.width = overlay.picture.width, .height = overlay.picture.height, .pixels = {}};
  result.pixels.resize(overlay.picture.pixels.size());
  const std::uint8_t* from = placed.pixels.data();
  for (int y = region.top; y < region.bottom; ++y) {
    std::uint8_t* to = &result.pixels[(std::size_t{4} * y * result.width) + 4 * region.left];
    for (int x = 0; x < placed.width; ++x, from += 3, to += 4) {
      std::copy_n(from, 3, to);
      to[3] = 255;
    }
  }
  AlphaComposite(overlay.picture, result);
  return DropAlpha(result);
}

}  // namespace darkroom::picture
