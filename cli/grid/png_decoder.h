#ifndef DARKROOM_CLI_GRID_PNG_DECODER_H_
#define DARKROOM_CLI_GRID_PNG_DECODER_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/rgb_image.h"

namespace darkroom::cli {

// The pixels of a PNG file, of any kind, as 8-bit RGB. DATA_LOSS when it is damaged;
// RESOURCE_EXHAUSTED above 100 million pixels.
absl::StatusOr<RgbImage> DecodePng(absl::string_view png);

}  // namespace darkroom::cli

#endif  // DARKROOM_CLI_GRID_PNG_DECODER_H_
