#ifndef DARKROOM_WORKER_ENGINE_SERVED_MODEL_H_
#define DARKROOM_WORKER_ENGINE_SERVED_MODEL_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "worker/diffusion/backend.h"

namespace darkroom::worker {

// A model that this worker serves. Once the engine runs, its thread alone uses the backend,
// except for info(), which does not change.
struct ServedModel {
  std::string id;            // catalogue id
  std::string display_name;  // for people
  std::unique_ptr<diffusion::Backend> backend;
};

// A model whose weights are in memory.
struct ModelInMemory {
  std::string id;
  std::int64_t bytes = 0;

  friend bool operator==(const ModelInMemory&, const ModelInMemory&) = default;
};

// How often a model has come and gone since the start.
struct ModelTraffic {
  std::string id;
  std::int64_t loads = 0;
  std::int64_t failures = 0;                        // to load
  std::int64_t evictions = 0;                       // for another model
  absl::Duration load_time = absl::ZeroDuration();  // of all loads

  friend bool operator==(const ModelTraffic&, const ModelTraffic&) = default;
};

// What has become of a worker's models on the disk.
struct ModelChanges {
  std::vector<std::string> gone = {};   // ids that are served no longer
  std::vector<ServedModel> added = {};  // new ones, and those of replaced files in place of the old
  bool unsettled = false;               // somebody may be writing a file: worth another look soon
};

}  // namespace darkroom::worker

#endif  // DARKROOM_WORKER_ENGINE_SERVED_MODEL_H_
