#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/command_line.h"

int main(int argc, char** argv) {
  using namespace darkroom::cli;
  Commands commands;
  commands.push_back(NewUpCommand());
  commands.push_back(NewGenerateCommand());
  commands.push_back(NewWatchCommand());
  commands.push_back(NewGetCommand());
  commands.push_back(NewCancelCommand());
  commands.push_back(NewListCommand());
  commands.push_back(NewModelsCommand());
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  return static_cast<int>(RunCommandLine(commands, arguments));
}
