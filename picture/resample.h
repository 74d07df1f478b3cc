#ifndef DARKROOM_PICTURE_RESAMPLE_H_
#define DARKROOM_PICTURE_RESAMPLE_H_

#include "common/rgb_image.h"

namespace darkroom::picture {

// Convolution filters, each wider where the picture gets smaller.
enum class Filter { kLanczos, kBicubic };

// A part of a picture between its pixels' edges, [left, right) by [top, bottom); may be empty, and
// then stands for the edge itself.
struct Box {
  double left = 0;
  double top = 0;
  double right = 0;
  double bottom = 0;
};

// The box at the given size, at least 1 x 1. Bit for bit Pillow's Image.resize(size, filter, box)
// (libImaging/Resample.c) of the versions that AUTOMATIC1111 pins: across, then down, each rounded
// to 8 bits.
RgbImage Resample(const RgbImage& image, const Box& box, int width, int height, Filter filter);

}  // namespace darkroom::picture

#endif  // DARKROOM_PICTURE_RESAMPLE_H_
