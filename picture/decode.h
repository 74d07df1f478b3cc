#ifndef DARKROOM_PICTURE_DECODE_H_
#define DARKROOM_PICTURE_DECODE_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/grey_image.h"
#include "common/rgb_image.h"

namespace darkroom::picture {

// The picture of a PNG, JPEG or WebP file as it is to be seen: turned as its Exif block says, what
// is transparent laid over white (AUTOMATIC1111's default; unlike there, also where a palette or
// grey values are transparent). Files of strangers belong into a process of their own:
// DecoderProcess. Errors as ReadHeader.
absl::StatusOr<RgbImage> DecodePicture(absl::string_view file);

// The same of a mask: ToMask.
absl::StatusOr<GreyImage> DecodeMask(absl::string_view file);

}  // namespace darkroom::picture

#endif  // DARKROOM_PICTURE_DECODE_H_
