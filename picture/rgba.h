#ifndef DARKROOM_PICTURE_RGBA_H_
#define DARKROOM_PICTURE_RGBA_H_

#include <cstdint>
#include <vector>

#include "common/grey_image.h"
#include "common/rgb_image.h"

namespace darkroom::picture {

// Four bytes a pixel: red, green, blue and alpha (255: opaque), rows from the top, no padding.
struct RgbaImage {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> pixels;
};

// All of these are bit for bit Pillow's.

// a / 255, rounded, for a up to 255 * 255 (MULDIV255, BLEND).
inline std::uint8_t Divide255(unsigned a) {
  a += 128;
  return static_cast<std::uint8_t>((a + (a >> 8)) >> 8);
}

// Image.convert("L") of an RGB picture: its luma.
GreyImage ToGrey(const RgbImage& image);

// Image.new("RGBa").paste(image, mask=ImageOps.invert(mask)): what the mask does not cover, colours
// multiplied by the alpha. `mask` is of the same size.
RgbaImage PremultipliedOutside(const RgbImage& image, const GreyImage& mask);

// Image.convert("RGBA") of such colours: divided by the alpha.
RgbaImage Unpremultiply(RgbaImage image);

// base.alpha_composite(over), both of the same size.
void AlphaComposite(const RgbaImage& over, RgbaImage& base);

// Image.convert("RGB"): the alpha is dropped.
RgbImage DropAlpha(const RgbaImage& image);

}  // namespace darkroom::picture

#endif  // DARKROOM_PICTURE_RGBA_H_
