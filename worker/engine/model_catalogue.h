#ifndef DARKROOM_WORKER_ENGINE_MODEL_CATALOGUE_H_
#define DARKROOM_WORKER_ENGINE_MODEL_CATALOGUE_H_

#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace darkroom::worker {

// A model on disk: a folder in the diffusers layout, or a single-file checkpoint.
struct FoundModel {
  std::string id;            // the folder's name; of a file what is made of its name
  std::string display_name;  // the folder's name; of a file its name without the ending
  std::filesystem::path path;
  std::filesystem::path vae = {};  // NAME.vae.safetensors beside NAME.safetensors; empty: its own
  std::string hash = {};  // A1111's "Model hash": first 10 digits of the SHA-256 of the file, or of
                          // a folder's UNet weights
  std::string stamp = {};  // of the hashed file, as StampOf when it was hashed
};

// Size and time of change of the file that a model's hash is of; empty without it. A model whose
// stamp differs may not be the one that was hashed.
std::string StampOf(const std::filesystem::path& model);

// The most models of one worker: what a lease request can name.
inline constexpr int kMaxModels = 32;

// The models to serve, by id: the ones named in `ids` of all that `roots` hold, or, when it names
// none, all. A root is a .safetensors file, or a folder of such files and of folders that hold a
// model_index.json, or AUTOMATIC1111's "models" folder, whose Stable-diffusion/ has the files, at
// any depth. An id is in lower case, with "-" for what no catalogue id has. Reads every chosen
// model's weights once, for the hash; whether a file is a checkpoint is not looked at. NOT_FOUND
// when a root or a named model does not exist (the message lists the known ones) or there is no
// model at all; ALREADY_EXISTS when two models have one id; RESOURCE_EXHAUSTED for more than
// kMaxModels.
absl::StatusOr<std::vector<FoundModel>> FindModels(const std::vector<std::filesystem::path>& roots,
                                                   const std::vector<std::string>& ids);

}  // namespace darkroom::worker

#endif  // DARKROOM_WORKER_ENGINE_MODEL_CATALOGUE_H_
