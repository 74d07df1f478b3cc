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

// Bytes that the activations of one guided image take in a forward of the UNet: an estimate from
// above, for the compute dtype's size. The widest moment of the network is the way up at the finest
// level, with every skip of the way down still held.
std::int64_t ActivationBytes(const UNetConfig& config, const BatchKey& key, int element_bytes);

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_MODEL_LIMITS_H_
