#ifndef DARKROOM_PICTURE_CODECS_H_
#define DARKROOM_PICTURE_CODECS_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "picture/header.h"
#include "picture/rgba.h"

namespace darkroom::picture {

// The rows of a file as they are stored. `header` is the
// file's own; memory is taken by it, and INVALID_ARGUMENT returned, as by ReadHeader, when the file
// turns out to be damaged, cut off, of another size, or of a kind that is not taken.
absl::StatusOr<RgbaImage> DecodePng(absl::string_view file, const Header& header);
absl::StatusOr<RgbaImage> DecodeJpeg(absl::string_view file, const Header& header);
absl::StatusOr<RgbaImage> DecodeWebp(absl::string_view file, const Header& header);

}  // namespace darkroom::picture

#endif  // DARKROOM_PICTURE_CODECS_H_
