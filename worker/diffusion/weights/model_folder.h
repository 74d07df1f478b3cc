#ifndef DARKROOM_WORKER_DIFFUSION_WEIGHTS_MODEL_FOLDER_H_
#define DARKROOM_WORKER_DIFFUSION_WEIGHTS_MODEL_FOLDER_H_

#include <filesystem>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "worker/diffusion/weights/model_config.h"

namespace darkroom::diffusion {

// Reads every config file of a model folder in the diffusers layout and checks that the parts fit
// together. INVALID_ARGUMENT names the file and the key that is missing, malformed or asks for a
// feature that is not built; NOT_FOUND names the missing file.
absl::StatusOr<ModelConfig> ReadModelConfig(const std::filesystem::path& folder);

// The checks of the parts against each other alone; for configs from elsewhere.
absl::Status CheckModelConfig(const ModelConfig& config);

// "tokenizer" of the text encoder that is the part "text_encoder", "tokenizer_2" of the other.
std::filesystem::path TokenizerFolder(const std::filesystem::path& folder,
                                      absl::string_view text_encoder);

// Where the weights of a part lie: part/stem.safetensors or part/stem.fp16.safetensors, the plain
// name first. The stem is "model" of text encoders, "diffusion_pytorch_model" of unet and vae.
// NOT_FOUND names the part.
absl::StatusOr<std::filesystem::path> FindWeights(const std::filesystem::path& folder,
                                                  absl::string_view part);

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_WEIGHTS_MODEL_FOLDER_H_
