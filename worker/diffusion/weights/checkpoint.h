#ifndef DARKROOM_WORKER_DIFFUSION_WEIGHTS_CHECKPOINT_H_
#define DARKROOM_WORKER_DIFFUSION_WEIGHTS_CHECKPOINT_H_

#include <filesystem>
#include <memory>

#include "absl/status/statusor.h"
#include "worker/diffusion/weights/checkpoint_layout.h"
#include "worker/diffusion/weights/model_config.h"
#include "worker/diffusion/weights/safetensors.h"

namespace darkroom::diffusion {

// A single-file checkpoint, mapped, not loaded. Copies share the mapping.
struct Checkpoint {
  std::shared_ptr<const SafetensorsFile> file;
  CheckpointLayout layout;
  ModelConfig config;
};

// Where a host may state what a checkpoint's weights cannot: NAME.darkroom.json beside
// NAME.safetensors. Beside the defaults of a model folder's darkroom.json it may have
// "prediction_type" ("epsilon" or "v_prediction") and "rescale_betas_zero_snr" (true or false).
std::filesystem::path CheckpointSettings(const std::filesystem::path& checkpoint);

// INVALID_ARGUMENT names the file and says what it looks like instead, or which tensor or setting
// is wrong; NOT_FOUND without the file.
absl::StatusOr<Checkpoint> OpenCheckpoint(const std::filesystem::path& path);

// A VAE to be used instead of a model's own.
struct SeparateVae {
  std::shared_ptr<const SafetensorsFile> file;
  CheckpointPart part;
  VaeConfig config;  // its scaling_factor is of no model: a model keeps its own
};

// `path`: a .safetensors file of a VAE (or of a checkpoint, whose VAE it is then), or a folder that
// diffusers saved a VAE or a whole model to. Errors as above.
absl::StatusOr<SeparateVae> OpenVae(const std::filesystem::path& path);

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_WEIGHTS_CHECKPOINT_H_
