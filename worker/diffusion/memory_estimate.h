#ifndef DARKROOM_WORKER_DIFFUSION_MEMORY_ESTIMATE_H_
#define DARKROOM_WORKER_DIFFUSION_MEMORY_ESTIMATE_H_

#include <cstdint>

#include "worker/diffusion/backend.h"
#include "worker/diffusion/weights/model_config.h"

namespace darkroom::diffusion {

// What jobs take of the device's memory beside the weights: pure functions of config and size. They
// follow the tensors that the networks hold at their widest moments, and are meant to be above what
// is measured by no more than a half (memory_estimate_test.cc, docs/benchmarks.md). Bytes.

// A forward of `rows` rows: at its widest a resnet's input, that normed, and its output, beside the
// skips of the way down, or a transformer's gated layer; and a second copy of the kernel in work,
// which CPUs reorder. `element_bytes`: of the dtype that it computes in.
std::int64_t UNetBytes(const UNetConfig& config, const BatchKey& key, int rows, int element_bytes);

// Decoding or encoding one picture in float32; in bands where it has more than `whole_pixels`.
std::int64_t VaeBytes(const VaeConfig& config, std::int64_t pixels, std::int64_t whole_pixels);

// Of a guided image of one chunk of text, at every moment of its job.
std::int64_t JobBytes(const ModelConfig& config, std::int64_t pixels, std::int64_t whole_pixels,
                      int element_bytes);

// The most pixels up to `most` so that every picture of as many or fewer fits into `bytes`; 0: not
// even the smallest does. Where whole pictures do not fit, a smaller `whole_pixels` helps.
std::int64_t PixelsWithin(const ModelConfig& config, std::int64_t most, std::int64_t whole_pixels,
                          int element_bytes, std::int64_t bytes);

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_MEMORY_ESTIMATE_H_
