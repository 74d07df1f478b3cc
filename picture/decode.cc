#include "picture/decode.h"

#include <utility>

#include "common/status_macros.h"
#include "picture/codecs.h"
#include "picture/header.h"
#include "picture/pixels.h"

namespace darkroom::picture {
namespace {

absl::StatusOr<RgbImage> DecodeStored(absl::string_view file, const Header& header) {
  switch (header.format) {
    case Format::kPng:
      return DecodePng(file, header);
    case Format::kJpeg:
      return DecodeJpeg(file, header);
    case Format::kWebp:
      return DecodeWebp(file, header);
  }
  return absl::InternalError("unknown format");
}

}  // namespace

absl::StatusOr<RgbImage> DecodePicture(absl::string_view file) {
  DARKROOM_ASSIGN_OR_RETURN(const Header header, ReadHeader(file));
  DARKROOM_ASSIGN_OR_RETURN(RgbImage image, DecodeStored(file, header));
  return Upright(std::move(image), header.orientation);
}

}  // namespace darkroom::picture
