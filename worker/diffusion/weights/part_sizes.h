#ifndef DARKROOM_WORKER_DIFFUSION_WEIGHTS_PART_SIZES_H_
#define DARKROOM_WORKER_DIFFUSION_WEIGHTS_PART_SIZES_H_

#include <cstdint>
#include <filesystem>

#include "absl/status/statusor.h"
#include "worker/diffusion/weights/checkpoint.h"
#include "worker/diffusion/weights/model_config.h"

namespace darkroom::diffusion {

// How many numbers the weights of a model have, by what its files say of them.
struct PartSizes {
  std::int64_t networks = 0;  // the UNet and the text encoders, which compute in one dtype
  std::int64_t vae = 0;       // which has its own
};

// Of a folder in the diffusers layout. Errors name the file.
absl::StatusOr<PartSizes> FolderPartSizes(const std::filesystem::path& folder, ModelFamily family,
                                          std::size_t text_encoders);

PartSizes CheckpointPartSizes(const Checkpoint& checkpoint);

std::int64_t SizeOfVae(const SeparateVae& vae);

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_WEIGHTS_PART_SIZES_H_
