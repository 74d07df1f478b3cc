#ifndef DARKROOM_WORKER_IMAGE_JPEG_ENCODER_H_
#define DARKROOM_WORKER_IMAGE_JPEG_ENCODER_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "common/rgb_image.h"

namespace darkroom::worker {

// The most bytes of a preview (scheduler/core/event_bus.h).
inline constexpr std::size_t kMaxPreviewBytes = 32 * 1024;

// A picture as baseline JPEG of at most `max_bytes`: at quality 85 where that fits, else at lower
// quality, else at half the width and height, and so on. INVALID_ARGUMENT for an image without
// pixels or with the wrong number of them, RESOURCE_EXHAUSTED when not even one pixel fits.
absl::StatusOr<std::string> EncodePreview(const RgbImage& image,
                                          std::size_t max_bytes = kMaxPreviewBytes);

}  // namespace darkroom::worker

#endif  // DARKROOM_WORKER_IMAGE_JPEG_ENCODER_H_
