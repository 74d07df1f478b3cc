#ifndef DARKROOM_PICTURE_MASK_H_
#define DARKROOM_PICTURE_MASK_H_

#include <optional>

#include "common/grey_image.h"
#include "common/rgb_image.h"
#include "picture/resize.h"

namespace darkroom::picture {

// Whole pixels of a picture: [left, right) by [top, bottom).
struct Region {
  int left = 0;
  int top = 0;
  int right = 0;
  int bottom = 0;

  int width() const { return right - left; }
  int height() const { return bottom - top; }
  friend bool operator==(const Region&, const Region&) = default;
};

// All of these are AUTOMATIC1111's, bit for bit.

// 255 where the mask has 0, and so on.
GreyImage Inverted(GreyImage mask);

// modules/images.py, resize_image, of a mask.
GreyImage ResizeMask(const GreyImage& mask, ResizeMode mode, int width, int height);

// Image.resize of the mask as an RGB picture, bicubic: at the size of a latent.
GreyImage ReduceMask(const GreyImage& mask, int width, int height);

// modules/masking.py, get_crop_region_v2: the smallest region with all that is not 0, with
// `padding` pixels on every side as far as the picture goes; nothing where all is 0.
std::optional<Region> CropRegion(const GreyImage& mask, int padding);

// modules/masking.py, expand_crop_region: the region made wider or higher towards the proportions
// of width x height, as far as a picture of image_width x image_height goes.
Region ExpandRegion(const Region& region, int width, int height, int image_width, int image_height);

// The region of a picture; it lies within it.
RgbImage Crop(const RgbImage& image, const Region& region);
GreyImage Crop(const GreyImage& mask, const Region& region);

// modules/masking.py, fill: what the mask covers gets colours of its surroundings, by blurs of
// falling width. `mask` is of the same size.
RgbImage FillMasked(const RgbImage& image, const GreyImage& mask);

}  // namespace darkroom::picture

#endif  // DARKROOM_PICTURE_MASK_H_
