#ifndef DARKROOM_CLI_CONSOLE_H_
#define DARKROOM_CLI_CONSOLE_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "cli/exit_code.h"

namespace darkroom::cli {

// Writes text and a line feed: results to stdout, remarks to stderr.
void PrintResult(absl::string_view text);
void PrintNote(absl::string_view text);

// Prints an error that came from the server at `server`, with all its details and, where one is
// known, the way out. Returns the exit status that it means.
ExitCode Fail(const absl::Status& error, absl::string_view server);
// The same for an error of this machine: a file, a process.
ExitCode FailLocally(const absl::Status& error);
// A wrong option that only the command itself could see.
ExitCode FailUsage(const absl::Status& error);

}  // namespace darkroom::cli

#endif  // DARKROOM_CLI_CONSOLE_H_
