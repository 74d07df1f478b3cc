#ifndef DARKROOM_CLI_COMMAND_LINE_H_
#define DARKROOM_CLI_COMMAND_LINE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "cli/command.h"
#include "cli/exit_code.h"

namespace darkroom::cli {

using Commands = std::vector<std::unique_ptr<Command>>;

// Finds the command that the first argument names and runs it with the rest. `help`, `--help`,
// `--version` and wrong usage are answered here. `arguments` are without the program's name.
ExitCode RunCommandLine(const Commands& commands, absl::Span<const std::string> arguments);

// The help of the whole program, and of one command.
std::string ProgramHelp(const Commands& commands);
std::string CommandHelp(Command& command);

}  // namespace darkroom::cli

#endif  // DARKROOM_CLI_COMMAND_LINE_H_
