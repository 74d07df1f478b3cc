#ifndef DARKROOM_CLI_GRID_SHRINK_H_
#define DARKROOM_CLI_GRID_SHRINK_H_

#include "common/rgb_image.h"

namespace darkroom::cli {

// Each pixel of the result is the mean of factor × factor pixels; what is left over at the right
// and at the bottom is cut off, but at least one pixel stays each way. factor ≥ 1.
RgbImage Shrink(const RgbImage& image, int factor);

}  // namespace darkroom::cli

#endif  // DARKROOM_CLI_GRID_SHRINK_H_
