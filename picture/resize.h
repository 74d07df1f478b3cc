#ifndef DARKROOM_PICTURE_RESIZE_H_
#define DARKROOM_PICTURE_RESIZE_H_

#include "common/rgb_image.h"

namespace darkroom::picture {

// What becomes of a picture whose proportions are others, in AUTOMATIC1111's terms.
enum class ResizeMode {
  kStretch,  // "Just resize"
  kCrop,     // "Crop and resize": as large as it must be, its middle taken
  kFill,     // "Resize and fill": as large as it can be, its edges drawn out
};

// The picture at the given size, at least 1 x 1. Bit for bit modules/images.py, resize_image,
// without an upscaler.
RgbImage Resize(const RgbImage& image, ResizeMode mode, int width, int height);

}  // namespace darkroom::picture

#endif  // DARKROOM_PICTURE_RESIZE_H_
