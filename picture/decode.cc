#include "picture/decode.h"

#include <utility>

#include "common/status_macros.h"
#include "picture/codecs.h"
#include "picture/header.h"
#include "picture/pixels.h"

namespace darkroom::picture {
namespace {

absl::StatusOr<RgbaImage> DecodeStored(absl::string_view file, const Header& header) {
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

absl::StatusOr<RgbaImage> Decode(absl::string_view file) {
  DARKROOM_ASSIGN_OR_RETURN(const Header header, ReadHeader(file));
  DARKROOM_ASSIGN_OR_RETURN(RgbaImage image, DecodeStored(file, header));
  return Upright(std::move(image), header.orientation);
}

}  // namespace

absl::StatusOr<RgbImage> DecodePicture(absl::string_view file) {
  DARKROOM_ASSIGN_OR_RETURN(const RgbaImage image, Decode(file));
  return FlattenOnWhite(image);
}

absl::StatusOr<GreyImage> DecodeMask(absl::string_view file) {
  DARKROOM_ASSIGN_OR_RETURN(const RgbaImage image, Decode(file));
  return ToMask(image);
}

}  // namespace darkroom::picture
