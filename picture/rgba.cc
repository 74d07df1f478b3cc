#include "picture/rgba.h"

#include <algorithm>
#include <cstddef>

namespace darkroom::picture {
namespace {

// a / 255, rounded when 128 more is handed in, with room for more bits than Divide255.
std::uint32_t ShiftForDivide255(std::uint32_t a) { return ((a >> 8) + a) >> 8; }

}  // namespace

// Convert.c, L24: the weights of ITU-R 601-2 in 16 bits.
GreyImage ToGrey(const RgbImage& image) {
  GreyImage grey{.width = image.width, .height = image.height, .pixels = {}};
  grey.pixels.reserve(image.pixels.size() / 3);
  for (std::size_t i = 0; i < image.pixels.size(); i += 3) {
    const unsigned luma = image.pixels[i] * 19'595u + image.pixels[i + 1] * 38'470u +
                          image.pixels[i + 2] * 7'471u + 0x8000u;
    grey.pixels.push_back(static_cast<std::uint8_t>(luma >> 16));
  }
  return grey;
}

RgbaImage PremultipliedOutside(const RgbImage& image, const GreyImage& mask) {
  RgbaImage result{.width = image.width, .height = image.height, .pixels = {}};
  result.pixels.reserve(std::size_t{4} * image.width * image.height);
  for (std::size_t i = 0; i < mask.pixels.size(); ++i) {
    const unsigned kept = 255 - mask.pixels[i];
    for (std::size_t c = 0; c < 3; ++c) {
      result.pixels.push_back(Divide255(image.pixels[3 * i + c] * kept));
    }
    result.pixels.push_back(Divide255(255 * kept));
  }
  return result;
}

RgbaImage Unpremultiply(RgbaImage image) {
  for (std::size_t i = 0; i < image.pixels.size(); i += 4) {
    const unsigned alpha = image.pixels[i + 3];
    if (alpha == 0 || alpha == 255) continue;
    for (std::size_t c = i; c < i + 3; ++c) {
      image.pixels[c] = static_cast<std::uint8_t>(std::min(255 * image.pixels[c] / alpha, 255u));
    }
  }
  return image;
}

// AlphaComposite.c. Seven bits more than a byte's, as many as 32 have room for.
void AlphaComposite(const RgbaImage& over, RgbaImage& base) {
  constexpr int kPrecision = 7;
  for (std::size_t i = 0; i < base.pixels.size(); i += 4) {
    const std::uint8_t* source = &over.pixels[i];
    std::uint8_t* target = &base.pixels[i];
    const std::uint32_t alpha = source[3];
    if (alpha == 0) continue;
    const std::uint32_t both = alpha * 255 + target[3] * (255 - alpha);
    const std::uint32_t of_source = alpha * 255 * 255 * (1 << kPrecision) / both;
    const std::uint32_t of_target = 255 * (1 << kPrecision) - of_source;
    for (std::size_t c = 0; c < 3; ++c) {
      const std::uint32_t sum =
          source[c] * of_source + target[c] * of_target + (0x80 << kPrecision);
      target[c] = static_cast<std::uint8_t>(ShiftForDivide255(sum) >> kPrecision);
    }
    target[3] = static_cast<std::uint8_t>(ShiftForDivide255(both + 0x80));
  }
}

RgbImage DropAlpha(const RgbaImage& image) {
  RgbImage result{.width = image.width, .height = image.height, .pixels = {}};
  result.pixels.reserve(image.pixels.size() / 4 * 3);
  for (std::size_t i = 0; i < image.pixels.size(); i += 4) {
    result.pixels.insert(result.pixels.end(), &image.pixels[i], &image.pixels[i] + 3);
  }
  return result;
}

}  // namespace darkroom::picture
