#ifndef DARKROOM_PICTURE_PIXELS_H_
#define DARKROOM_PICTURE_PIXELS_H_

#include <cstdint>

#include "absl/types/span.h"
#include "common/rgb_image.h"

namespace darkroom::picture {

// RGBA rows laid over white, as AUTOMATIC1111's images.flatten does with its default background:
// Pillow's paste with the alpha as mask, rounded to the nearest.
RgbImage FlattenOnWhite(absl::Span<const std::uint8_t> rgba, int width, int height);

// The picture as it is to be seen (ReadOrientation).
RgbImage Upright(RgbImage image, int orientation);

}  // namespace darkroom::picture

#endif  // DARKROOM_PICTURE_PIXELS_H_
