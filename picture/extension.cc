#include "picture/extension.h"

#include <algorithm>
#include <cstddef>

namespace darkroom::picture {

RgbImage Extend(const RgbImage& image, const Margins& margins) {
  RgbImage extended{.width = margins.left + image.width + margins.right,
                    .height = margins.top + image.height + margins.bottom,
                    .pixels = {}};
  extended.pixels.reserve(std::size_t{3} * extended.width * extended.height);
  for (int y = 0; y < extended.height; ++y) {
    const int from_y = std::clamp(y - margins.top, 0, image.height - 1);
    for (int x = 0; x < extended.width; ++x) {
      const int from_x = std::clamp(x - margins.left, 0, image.width - 1);
      const auto pixel = image.pixels.begin() +
                         std::ptrdiff_t{3} * (std::ptrdiff_t{from_y} * image.width + from_x);
      extended.pixels.insert(extended.pixels.end(), pixel, pixel + 3);
    }
  }
  return extended;
}

GreyImage MarginMask(int width, int height, const Margins& margins, int overlap) {
  const auto begin = [overlap](int margin) { return margin > 0 ? margin + overlap : 0; };
  GreyImage mask{.width = margins.left + width + margins.right,
                 .height = margins.top + height + margins.bottom,
                 .pixels = {}};
  mask.pixels.reserve(static_cast<std::size_t>(mask.width) * mask.height);
  for (int y = 0; y < mask.height; ++y) {
    const bool row_kept = y >= begin(margins.top) && y < mask.height - begin(margins.bottom);
    for (int x = 0; x < mask.width; ++x) {
      const bool kept =
          row_kept && x >= begin(margins.left) && x < mask.width - begin(margins.right);
      mask.pixels.push_back(kept ? 0 : 255);
    }
  }
  return mask;
}

}  // namespace darkroom::picture
