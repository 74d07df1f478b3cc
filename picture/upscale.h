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

// What AUTOMATIC1111's "Extras" do (scripts/postprocessing_upscale.py), bit for bit.

// Upscaler.upscale with one of them: scaled by `scale` where the picture is smaller than the size,
// and from there to it by Lanczos. The size is at least 1 x 1, of about the picture's proportions.
RgbImage UpscaleBy(const RgbImage& image, Upscaler upscaler, double scale, int width, int height);

// The middle of a picture that is at least as large.
RgbImage CutMiddle(const RgbImage& image, int width, int height);

// Pillow's Image.blend: `share` of the second, 0 to 1, of two pictures of one size.
RgbImage Blend(const RgbImage& first, const RgbImage& second, double share);

}  // namespace darkroom::picture

#endif  // DARKROOM_PICTURE_UPSCALE_H_
