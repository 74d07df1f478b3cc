#ifndef DARKROOM_CLI_EXIT_CODE_H_
#define DARKROOM_CLI_EXIT_CODE_H_

#include "absl/status/status.h"

namespace darkroom::cli {

// Exit status of `darkroom`; `darkroom help` prints this list.
enum class ExitCode {
  kDone = 0,
  kFailed = 1,        // something unexpected, or a local problem such as a full disk
  kUsage = 2,         // the command line is wrong
  kRefused = 3,       // the server refuses the request; repeating it changes nothing
  kUnavailable = 4,   // the server cannot be reached or is full; try again later
  kJobFailed = 5,     // the job failed, was cancelled or expired
  kInterrupted = 130  // Ctrl-C
};

// What an error of the server means for the exit status.
ExitCode ExitCodeOf(absl::StatusCode code);

}  // namespace darkroom::cli

#endif  // DARKROOM_CLI_EXIT_CODE_H_
