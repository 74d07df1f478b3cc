#include <filesystem>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/command_line.h"

int main(int argc, char** argv) {
  namespace cli = darkroom::cli;
  cli::Commands commands;
  commands.push_back(cli::NewUpCommand());
  commands.push_back(cli::NewGenerateCommand());
  commands.push_back(cli::NewUpscaleCommand());
  commands.push_back(cli::NewGridCommand());
  commands.push_back(cli::NewExplainCommand());
  commands.push_back(cli::NewWatchCommand());
  commands.push_back(cli::NewGetCommand());
  commands.push_back(cli::NewCancelCommand());
  commands.push_back(cli::NewListCommand());
  commands.push_back(cli::NewModelsCommand());
  commands.push_back(cli::NewAdaptersCommand());
  commands.push_back(cli::NewUpscalersCommand());
  commands.push_back(cli::NewStylesCommand());
  commands.push_back(cli::NewKeysCommand());
  commands.push_back(cli::NewTopCommand());
  commands.push_back(cli::NewWorkersCommand());
  commands.push_back(cli::NewDeadCommand());
  commands.push_back(cli::NewAuditCommand());
  commands.push_back(cli::NewConvertCommand());
  commands.push_back(cli::NewLoadCommand());
  commands.push_back(cli::NewDoctorCommand());
  std::vector<std::string> arguments(argv + 1, argv + argc);
  // Called as darkroom-load it is `darkroom load`.
  const std::string name = std::filesystem::path(argv[0]).filename();
  if (name.starts_with("darkroom-")) arguments.insert(arguments.begin(), name.substr(9));
  return static_cast<int>(cli::RunCommandLine(commands, arguments));
}
