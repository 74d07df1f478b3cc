#include <webp/decode.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "picture/codecs.h"
#include "picture/pixels.h"

namespace darkroom::picture {

absl::StatusOr<RgbImage> DecodeWebp(absl::string_view file, const Header& header) {
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
  std::vector<std::uint8_t> rgba(stride * features.height);
  if (WebPDecodeRGBAInto(bytes, file.size(), rgba.data(), rgba.size(), static_cast<int>(stride)) ==
      nullptr) {
    return absl::InvalidArgumentError("is damaged or cut off");
  }
  return FlattenOnWhite(rgba, features.width, features.height);
}

}  // namespace darkroom::picture
