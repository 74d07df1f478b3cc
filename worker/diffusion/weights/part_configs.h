#ifndef DARKROOM_WORKER_DIFFUSION_WEIGHTS_PART_CONFIGS_H_
#define DARKROOM_WORKER_DIFFUSION_WEIGHTS_PART_CONFIGS_H_

#include <filesystem>

#include "absl/status/statusor.h"
#include "worker/diffusion/weights/model_config.h"

namespace darkroom::diffusion {

// Readers of one config file each, under the names that diffusers and transformers give the keys.
// INVALID_ARGUMENT names the file and the key that is missing, malformed or asks for a feature that
// is not built; NOT_FOUND the missing file.

// Of a CLIPTextModel, or with `projection` of a CLIPTextModelWithProjection.
absl::StatusOr<ClipTextConfig> ReadClipTextConfig(const std::filesystem::path& path,
                                                  bool projection);
absl::StatusOr<UNetConfig> ReadUNetConfig(const std::filesystem::path& path);
absl::StatusOr<VaeConfig> ReadVaeConfig(const std::filesystem::path& path);
absl::StatusOr<NoiseScheduleConfig> ReadNoiseScheduleConfig(const std::filesystem::path& path);

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_WEIGHTS_PART_CONFIGS_H_
