#ifndef DARKROOM_WORKER_IMAGE_PNG_ENCODER_H_
#define DARKROOM_WORKER_IMAGE_PNG_ENCODER_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/rgb_image.h"

namespace darkroom::worker {

// A picture as PNG (ISO/IEC 15948): 8-bit RGB, every row under the Sub filter, one IDAT at deflate
// level 1. That is some fifty times faster than libpng's default for about 15 % more bytes.
//
// `parameters` (UTF-8) becomes the text chunk of that keyword, where other programs look for it: a
// tEXt where Latin-1 can hold it, else an iTXt; none when it is empty. PNG text cannot hold NUL, so
// NULs are left out. INVALID_ARGUMENT for an image without pixels or with the wrong number of them,
// and for text that is not UTF-8.
absl::StatusOr<std::string> EncodePng(const RgbImage& image, absl::string_view parameters);

}  // namespace darkroom::worker

#endif  // DARKROOM_WORKER_IMAGE_PNG_ENCODER_H_
