#ifndef DARKROOM_WORKER_ENGINE_MODEL_CATALOGUE_H_
#define DARKROOM_WORKER_ENGINE_MODEL_CATALOGUE_H_

#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace darkroom::worker {

// A model in the diffusers layout.
struct ModelFolder {
  std::string id;  // the folder's name
  std::filesystem::path path;
  std::string hash;  // A1111's "Model hash": first 10 digits of the SHA-256 of the UNet's weights
};

// The most models of one worker: what a lease request can name.
inline constexpr int kMaxModels = 32;

// The models to serve, by id: of all folders in `roots` that hold a model_index.json and whose name
// is a catalogue id, the ones named in `ids`, or, when it names none, all. Reads every chosen
// model's weights once, for the hash. NOT_FOUND when a root or a named model does not exist (the
// message lists the known ones) or there is no model at all; ALREADY_EXISTS when two roots have one
// of the same name; RESOURCE_EXHAUSTED for more than kMaxModels.
absl::StatusOr<std::vector<ModelFolder>> FindModels(const std::vector<std::filesystem::path>& roots,
                                                    const std::vector<std::string>& ids);

}  // namespace darkroom::worker

#endif  // DARKROOM_WORKER_ENGINE_MODEL_CATALOGUE_H_
