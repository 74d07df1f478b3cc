#ifndef DARKROOM_WORKER_DIFFUSION_MODEL_LIMITS_H_
#define DARKROOM_WORKER_DIFFUSION_MODEL_LIMITS_H_

#include <cstdint>
#include <filesystem>

#include "absl/status/status.h"
#include "worker/diffusion/backend.h"
#include "worker/diffusion/weights/model_config.h"

namespace darkroom::diffusion {

// What a model of this config accepts, and its defaults. Without a hash.
ModelInfo DeriveModelInfo(const ModelConfig& config);

// Takes the defaults that a model's JSON file at `path` sets, where there is such a file.
// INVALID_ARGUMENT names the key that is malformed or unknown to the model.
absl::Status ReadModelDefaults(const std::filesystem::path& path, ModelInfo* info);

// Lowers the sizes in `info` to pictures that fit into `bytes` beside the weights; the arguments
// are those of PixelsWithin. RESOURCE_EXHAUSTED where none does.
absl::Status LimitToMemory(const ModelConfig& config, std::int64_t whole_pixels, int element_bytes,
                           std::int64_t bytes, ModelInfo* info);

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_MODEL_LIMITS_H_
