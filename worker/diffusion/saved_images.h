#ifndef DARKROOM_WORKER_DIFFUSION_SAVED_IMAGES_H_
#define DARKROOM_WORKER_DIFFUSION_SAVED_IMAGES_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "worker/diffusion/sampling/sampler_state.h"

namespace darkroom::diffusion {

// Where an image of a request can be gone on from.
struct SavedImage {
  int pass = 0;   // 1: the second
  int calls = 0;  // answered in the pass by then
  SamplerState sampler = {};
};

// What TorchBackend::Save returns: little-endian, with a version of its own. `maker` is what else
// the numbers depend on. Waits for the device. RESOURCE_EXHAUSTED, before that, for more than
// `max_bytes`.
absl::StatusOr<std::string> EncodeImages(absl::Span<const SavedImage> images,
                                         absl::string_view maker, std::size_t max_bytes);

// Reads that, whoever wrote it: nothing is allocated beyond the size of the bytes. Tensors are on
// the CPU, finite, all of an image of one size or undefined. DATA_LOSS for another version or
// maker, and for anything that EncodeImages does not write.
absl::StatusOr<std::vector<SavedImage>> DecodeImages(absl::string_view bytes,
                                                     absl::string_view maker);

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_SAVED_IMAGES_H_
