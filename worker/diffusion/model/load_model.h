#ifndef DARKROOM_WORKER_DIFFUSION_MODEL_LOAD_MODEL_H_
#define DARKROOM_WORKER_DIFFUSION_MODEL_LOAD_MODEL_H_

#include <filesystem>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "tokenizer/clip_tokenizer.h"
#include "worker/diffusion/model/diffusion_model.h"
#include "worker/diffusion/weights/model_config.h"
#include "worker/diffusion/weights/model_weights.h"
#include "worker/diffusion/weights/part_sizes.h"

namespace darkroom::diffusion {

// Where the files of a model are.
struct ModelFiles {
  std::filesystem::path model;      // a folder in the diffusers layout, or a single-file checkpoint
  std::filesystem::path vae;        // instead of the model's own, as OpenVae takes it; or empty
  std::filesystem::path tokenizer;  // of a checkpoint, as LoadTokenizersOfAll takes it
};

// A model that is described, and whose weights are where they are stored.
struct OpenedModel {
  ModelConfig config;
  std::vector<tokenizer::ClipTokenizer> tokenizers;  // one a text encoder
  std::unique_ptr<ModelWeights> weights;
  PartSizes sizes;
};

// INVALID_ARGUMENT names the file and the key or tensor that is missing, unknown or unsupported, or
// says what the file looks like instead; NOT_FOUND names a missing file.
absl::StatusOr<OpenedModel> OpenModel(const ModelFiles& files);

// Opens a model and takes all of its weights. Errors as above, for every tensor.
absl::StatusOr<std::unique_ptr<DiffusionModel>> LoadModel(const ModelFiles& files,
                                                          const LoadOptions& options);

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_MODEL_LOAD_MODEL_H_
