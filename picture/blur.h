#ifndef DARKROOM_PICTURE_BLUR_H_
#define DARKROOM_PICTURE_BLUR_H_

#include "common/grey_image.h"
#include "picture/rgba.h"

namespace darkroom::picture {

// A mask with soft edges: a Gaussian of this standard deviation in pixels, cut at 2.5 of it, the
// picture mirrored at its edges. Bit for bit OpenCV's GaussianBlur of 8-bit pictures (its
// fixed-point one) as AUTOMATIC1111 calls it, across and then down; that library would be much for
// one filter. 0 leaves the mask as it is.
GreyImage BlurMask(const GreyImage& mask, int deviation);

// Pillow's ImageFilter.GaussianBlur(radius), bit for bit: three box blurs each way (Gwosdek et al.,
// "Theoretical foundations of Gaussian convolution by extended box filtering", 2011), edges drawn
// out. A radius of 0 leaves the picture as it is.
RgbaImage BoxBlurred(RgbaImage image, float radius);

}  // namespace darkroom::picture

#endif  // DARKROOM_PICTURE_BLUR_H_
