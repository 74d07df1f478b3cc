#ifndef DARKROOM_WORKER_ENGINE_MODEL_CATALOGUE_H_
#define DARKROOM_WORKER_ENGINE_MODEL_CATALOGUE_H_

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace darkroom::worker {

// A model on disk: a folder in the diffusers layout, or a single-file checkpoint.
struct FoundModel {
  std::string id;            // the folder's name; of a file what is made of its name
  std::string display_name;  // the folder's name; of a file its name without the ending
  std::filesystem::path path;
  std::filesystem::path vae = {};  // NAME.vae.safetensors beside NAME.safetensors; empty: its own
  std::string stamp = {};          // StampOf, when it was found
};

// Paths, sizes and times of change of all files of a model. With another stamp it may be another.
std::string StampOf(const FoundModel& model);

// The most models of one worker: what a lease request can name.
inline constexpr int kMaxModels = 32;

// The models to serve, by id: the ones named in `ids` of all that `roots` hold, or, when it names
// none, all. A root is a .safetensors file, or a folder of such files and of folders that hold a
// model_index.json, or AUTOMATIC1111's "models" folder, whose Stable-diffusion/ has the files, at
// any depth. An id is in lower case, with "-" for what no catalogue id has. Nothing is read:
// whether a file is a checkpoint is not looked at. NOT_FOUND when a root or a named model does not
// exist (the message lists the known ones) or there is no model at all; ALREADY_EXISTS when two
// models have one id; RESOURCE_EXHAUSTED for more than kMaxModels.
absl::StatusOr<std::vector<FoundModel>> FindModels(const std::vector<std::filesystem::path>& roots,
                                                   const std::vector<std::string>& ids);

// A file or folder that is no model to serve, and why.
struct LeftOut {
  std::filesystem::path path;
  absl::Status why;
};

struct ModelSearch {
  std::vector<FoundModel> models;
  std::vector<LeftOut> left_out;
};

// The same once models are served: what FindModels has an error for is left out. `places`: where
// the served ones are, by id; they go first where not all can be taken. What `ids` names need not
// exist.
ModelSearch FindModelsAgain(const std::vector<std::filesystem::path>& roots,
                            const std::vector<std::string>& ids,
                            const std::map<std::string, std::filesystem::path>& places);

// A1111's "Model hash" of models: the first 10 digits of the SHA-256 of the file, or of a folder's
// UNet weights. Not thread-safe.
class ModelHashes {
 public:
  // Reads the whole file unless it is as it was when it was read last. NOT_FOUND names it.
  absl::StatusOr<std::string> Of(const FoundModel& model);

 private:
  struct Known {
    std::string stamp;
    std::string hash;
  };
  std::map<std::string, Known> known_;  // by path
};

}  // namespace darkroom::worker

#endif  // DARKROOM_WORKER_ENGINE_MODEL_CATALOGUE_H_
