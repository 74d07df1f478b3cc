#ifndef DARKROOM_PICTURE_EXTENSION_H_
#define DARKROOM_PICTURE_EXTENSION_H_

#include "common/grey_image.h"
#include "common/rgb_image.h"

namespace darkroom::picture {

// Pixels that a picture gets on its sides, at least 0 each.
struct Margins {
  int left = 0;
  int top = 0;
  int right = 0;
  int bottom = 0;

  friend bool operator==(const Margins&, const Margins&) = default;
};

// The picture in the middle of a larger one, its edges drawn out over the margins.
RgbImage Extend(const RgbImage& image, const Margins& margins);

// The mask of the margins around a picture of this size: 255 there and, on each side that has a
// margin, over `overlap` pixels of the picture, so that a blur of the mask lies within the picture.
// AUTOMATIC1111's "poor man's outpainting" has it so, with the blur for the overlap.
GreyImage MarginMask(int width, int height, const Margins& margins, int overlap);

}  // namespace darkroom::picture

#endif  // DARKROOM_PICTURE_EXTENSION_H_
