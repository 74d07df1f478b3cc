#ifndef DARKROOM_WORKER_WORKER_MAIN_H_
#define DARKROOM_WORKER_WORKER_MAIN_H_

#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "worker/engine/served_model.h"

namespace darkroom::worker {

// What the main() of every worker does: reads the flags that they share, loads the models, connects
// to Redis, serves until SIGTERM or SIGINT, drains. Returns the exit status.
//
// `load` makes at least one model, for forwards of at most `max_rows` rows; it is called after the
// flags were parsed, on the main thread.
int WorkerMain(absl::string_view usage, int argc, char** argv,
               absl::FunctionRef<absl::StatusOr<std::vector<ServedModel>>(int max_rows)> load);

}  // namespace darkroom::worker

#endif  // DARKROOM_WORKER_WORKER_MAIN_H_
