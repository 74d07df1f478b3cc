#ifndef DARKROOM_CLI_DOCTOR_CAPTURED_RUN_H_
#define DARKROOM_CLI_DOCTOR_CAPTURED_RUN_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace darkroom::cli {

struct CapturedRun {
  int exit_status = 0;  // 128 + N for a signal N
  std::string out;
  std::string err;
};

// Runs a program, whose path or name on PATH is the first argument, with nothing on stdin, and
// returns what it wrote. NOT_FOUND when it cannot be started; DEADLINE_EXCEEDED, and it is killed,
// when it has not ended within `patience`. Blocks.
absl::StatusOr<CapturedRun> RunCaptured(std::vector<std::string> arguments,
                                        absl::Duration patience);

}  // namespace darkroom::cli

#endif  // DARKROOM_CLI_DOCTOR_CAPTURED_RUN_H_
