#ifndef DARKROOM_PICTURE_UPSCALE_H_
#define DARKROOM_PICTURE_UPSCALE_H_

#include "common/rgb_image.h"

namespace darkroom::picture {

// AUTOMATIC1111's upscalers that need no network (modules/upscaler.py).
enum class Upscaler {
  kNone,  // "None", which scales as Lanczos does, in one go
  kLanczos,
  kNearest,
};

// The picture at the given size, at least 1 x 1. Bit for bit modules/images.py, resize_image with
// resize_mode 0 and an upscaler: it scales to multiples of 8 and from there to the size.
RgbImage Upscale(const RgbImage& image, Upscaler upscaler, int width, int height);

}  // namespace darkroom::picture

#endif  // DARKROOM_PICTURE_UPSCALE_H_
