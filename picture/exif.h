#ifndef DARKROOM_PICTURE_EXIF_H_
#define DARKROOM_PICTURE_EXIF_H_

#include "absl/strings/string_view.h"

namespace darkroom::picture {

// How a camera was held: which of the eight ways the stored rows are to be turned and mirrored in,
// 1 to 8 as Exif 2.3 has them; 1 is none. `tiff` is an Exif block from its byte order mark on, with
// or without "Exif\0\0" before it. 1 for anything that cannot be read.
int ReadOrientation(absl::string_view tiff);

}  // namespace darkroom::picture

#endif  // DARKROOM_PICTURE_EXIF_H_
