#ifndef DARKROOM_PICTURE_PIXELS_H_
#define DARKROOM_PICTURE_PIXELS_H_

#include "common/grey_image.h"
#include "common/rgb_image.h"
#include "picture/rgba.h"

namespace darkroom::picture {

// A picture laid over white, as AUTOMATIC1111's images.flatten does with its default background:
// Pillow's paste with the alpha as mask, rounded to the nearest.
RgbImage FlattenOnWhite(const RgbaImage& rgba);

// A picture as a mask, as create_binary_mask of modules/processing.py does: its alpha, above the
// half or not, where something is transparent, else its grey values.
GreyImage ToMask(const RgbaImage& rgba);

// The picture as it is to be seen (ReadOrientation).
RgbaImage Upright(RgbaImage image, int orientation);

}  // namespace darkroom::picture

#endif  // DARKROOM_PICTURE_PIXELS_H_
