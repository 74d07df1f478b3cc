#ifndef DARKROOM_WORKER_WORKER_MAIN_H_
#define DARKROOM_WORKER_WORKER_MAIN_H_

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "worker/diffusion/device_memory.h"
#include "worker/machine_memory.h"
#include "worker/run_worker.h"

namespace darkroom::worker {

struct LoadedModels {
  WorkerModels served;                            // at least one
  std::vector<std::filesystem::path> roots = {};  // where they were looked for
  std::string device = "";                        // what they are computed on, for people
  // Who has its memory; any thread may ask.
  std::function<std::optional<diffusion::DeviceMemory>()> device_memory = ReadMachineMemory;
};

// Makes the models, for forwards of at most `max_rows` rows.
using LoadModels = absl::FunctionRef<absl::StatusOr<LoadedModels>(int max_rows)>;

// What is wrong with the flags that say which models there are; loads none.
using CheckModels = absl::FunctionRef<std::vector<absl::Status>()>;

// What the main() of every worker does: reads the flags that they share, loads the models, connects
// to Redis, serves until SIGTERM or SIGINT, drains; or only looks after such a process, with
// --check_health. Returns the exit status. `load`, or with --check_config `check_models` alone, is
// called after the flags were parsed, on the main thread.
int WorkerMain(absl::string_view usage, int argc, char** argv, LoadModels load,
               CheckModels check_models);

}  // namespace darkroom::worker

#endif  // DARKROOM_WORKER_WORKER_MAIN_H_
