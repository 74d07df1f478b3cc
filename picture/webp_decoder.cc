#include <webp/decode.h>

#include <cstddef>
#include <cstdint>

#include "picture/codecs.h"

namespace darkroom::picture {

absl::StatusOr<RgbaImage> DecodeWebp(absl::string_view file, const Header& header) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(file.data());
  WebPBitstreamFeatures features;
  if (WebPGetFeatures(bytes, file.size(), &features) != VP8_STATUS_OK) {
    return absl::InvalidArgumentError("is damaged or cut off");
  }
  if (features.has_animation != 0) {
    return absl::InvalidArgumentError("is an animation; send one of its pictures");
  }
  if (features.width != header.stored_width || features.height != header.stored_height) {
    return absl::InvalidArgumentError("is damaged: it has two sizes");
  }
  const std::size_t stride = std::size_t{4} * features.width;
  RgbaImage image{.width = features.width, .height = features.height, .pixels = {}};
  image.pixels.resize(stride * image.height);
  if (WebPDecodeRGBAInto(bytes, file.size(), image.pixels.data(), image.pixels.size(),
                         static_cast<int>(stride)) == nullptr) {
    return absl::InvalidArgumentError("is damaged or cut off");
  }
  return image;
}

}  // namespace darkroom::picture
