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

InpaintingStart BeginRegion(const RgbImage& image, const GreyImage& mask, const Region& region,
                            int width, int height) {
  return {
      .picture = Resize(Crop(image, region), ResizeMode::kFill, width, height),
      .mask = ResizeMask(Crop(mask, region), ResizeMode::kFill, width, height),
      .overlay = {.picture = Unpremultiply(PremultipliedOutside(image, mask)), .region = region}};
}

InpaintingStart BeginWhole(const RgbImage& image, const GreyImage& mask, ResizeMode mode, int width,
                           int height) {
  InpaintingStart start{.picture = Resize(image, mode, width, height),
                        .mask = ResizeMask(mask, mode, width, height),
                        .overlay = {.picture = {}, .region = {0, 0, width, height}}};
  start.overlay.picture = Unpremultiply(PremultipliedOutside(start.picture, Doubled(start.mask)));
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
    start = BeginRegion(image, blurred, region, width, height);
  } else {
    start = BeginWhole(image, blurred, mode, width, height);
  }
  if (options.fills) start.picture = FillMasked(start.picture, start.mask);
  return start;
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
