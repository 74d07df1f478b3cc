#ifndef DARKROOM_CLI_COMMAND_H_
#define DARKROOM_CLI_COMMAND_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "cli/exit_code.h"
#include "cli/option_parser.h"

namespace darkroom::cli {

// What the help says about a command.
struct CommandText {
  absl::string_view name;
  absl::string_view arguments;  // "PROMPT"; those in brackets may be left out: "ACTION [KEY]"
  absl::string_view summary;    // one line
  absl::string_view description;
  absl::string_view examples;  // one a line, indented by two spaces
};

// A subcommand. Its results go to stdout, everything else to stderr.
class Command {
 public:
  virtual ~Command() = default;
  virtual CommandText text() const = 0;
  // Adds the options; their variables are members of the command.
  virtual void Declare(OptionParser& options) = 0;
  // Runs after the options have been parsed. The number of arguments agrees with text().
  virtual ExitCode Run(const std::vector<std::string>& arguments) = 0;
};

std::unique_ptr<Command> NewUpCommand();
std::unique_ptr<Command> NewGenerateCommand();
std::unique_ptr<Command> NewUpscaleCommand();
std::unique_ptr<Command> NewGridCommand();
std::unique_ptr<Command> NewExplainCommand();
std::unique_ptr<Command> NewWatchCommand();
std::unique_ptr<Command> NewGetCommand();
std::unique_ptr<Command> NewCancelCommand();
std::unique_ptr<Command> NewListCommand();
std::unique_ptr<Command> NewLoadCommand();
std::unique_ptr<Command> NewModelsCommand();
std::unique_ptr<Command> NewAdaptersCommand();
std::unique_ptr<Command> NewUpscalersCommand();
std::unique_ptr<Command> NewStylesCommand();
std::unique_ptr<Command> NewKeysCommand();
std::unique_ptr<Command> NewTopCommand();
std::unique_ptr<Command> NewWorkersCommand();
std::unique_ptr<Command> NewDeadCommand();
std::unique_ptr<Command> NewAuditCommand();
std::unique_ptr<Command> NewConvertCommand();
std::unique_ptr<Command> NewDoctorCommand();

}  // namespace darkroom::cli

#endif  // DARKROOM_CLI_COMMAND_H_
