#ifndef DARKROOM_WORKER_ENGINE_SERVED_MODEL_H_
#define DARKROOM_WORKER_ENGINE_SERVED_MODEL_H_

#include <memory>
#include <string>

#include "worker/diffusion/backend.h"

namespace darkroom::worker {

// A model that is resident in this worker. Once the engine runs, its thread alone uses the backend,
// except for info(), which does not change.
struct ServedModel {
  std::string id;            // catalogue id
  std::string display_name;  // for people
  std::unique_ptr<diffusion::Backend> backend;
};

}  // namespace darkroom::worker

#endif  // DARKROOM_WORKER_ENGINE_SERVED_MODEL_H_
