#include "cli/command_line.h"

#include <algorithm>
#include <cstdio>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"

namespace darkroom::cli {
namespace {

constexpr absl::string_view kExitCodes =
    "Exit status:\n"
    "  0 done, 1 failure, 2 wrong usage, 3 refused by the server, 4 server unavailable or full,\n"
    "  5 the job failed, was cancelled or expired, 130 interrupted\n";

void Print(std::FILE* to, absl::string_view text) { std::fwrite(text.data(), 1, text.size(), to); }

Command* Find(const Commands& commands, absl::string_view name) {
  const auto found = std::find_if(commands.begin(), commands.end(), [name](const auto& command) {
    return command->text().name == name;
  });
  return found == commands.end() ? nullptr : found->get();
}

ExitCode WrongUsage(absl::string_view message, absl::string_view see) {
  Print(stderr, absl::StrCat("darkroom: ", message, "\nSee: darkroom ", see, "\n"));
  return ExitCode::kUsage;
}

bool AsksForHelp(absl::Span<const std::string> arguments) {
  for (const std::string& word : arguments) {
    if (word == "--") return false;
    if (word == "--help" || word == "-h") return true;
  }
  return false;
}

// CommandText::arguments is a word each, the last ones perhaps in brackets.
absl::Status CheckCount(const CommandText& text, const std::vector<std::string>& positional) {
  const std::vector<absl::string_view> words =
      absl::StrSplit(text.arguments, ' ', absl::SkipEmpty());
  const std::size_t most = words.size();
  if (positional.size() < most && !absl::StartsWith(words[positional.size()], "[")) {
    return absl::InvalidArgumentError(absl::StrCat(text.name, " needs ", words[positional.size()]));
  }
  if (positional.size() > most) {
    return absl::InvalidArgumentError(
        absl::StrCat("unexpected argument \"", positional[most],
                     "\"; put an argument of several words in quotes"));
  }
  return absl::OkStatus();
}

ExitCode RunCommand(Command& command, absl::Span<const std::string> arguments) {
  if (AsksForHelp(arguments)) {
    Print(stdout, CommandHelp(command));
    return ExitCode::kDone;
  }
  OptionParser options;
  command.Declare(options);
  absl::StatusOr<std::vector<std::string>> positional = options.Parse(arguments);
  const absl::Status usable =
      positional.ok() ? CheckCount(command.text(), *positional) : positional.status();
  if (!usable.ok()) {
    return WrongUsage(usable.message(), absl::StrCat(command.text().name, " --help"));
  }
  return command.Run(*positional);
}

}  // namespace

std::string ProgramHelp(const Commands& commands) {
  std::string help =
      "darkroom: pictures from text, from a server that many people share.\n\n"
      "Usage: darkroom COMMAND [ARGUMENT] [--option value ...]\n\nCommands:\n";
  for (const auto& command : commands) {
    const CommandText text = command->text();
    absl::StrAppendFormat(&help, "  %-19s%s\n", absl::StrCat(text.name, " ", text.arguments),
                          text.summary);
  }
  absl::StrAppend(&help,
                  "  help [COMMAND]     Explain a command, with examples\n\n"
                  "Results go to stdout, progress and errors to stderr.\n\n",
                  kExitCodes);
  return help;
}

std::string CommandHelp(Command& command) {
  OptionParser options;
  command.Declare(options);
  const CommandText text = command.text();
  return absl::StrCat("Usage: darkroom ", text.name, text.arguments.empty() ? "" : " ",
                      text.arguments, " [--option value ...]\n\n", text.description, "\n\n",
                      options.Help(), "\nExamples:\n", text.examples, "\n", kExitCodes);
}

ExitCode RunCommandLine(const Commands& commands, absl::Span<const std::string> arguments) {
  if (arguments.empty()) {
    Print(stderr, ProgramHelp(commands));
    return ExitCode::kUsage;
  }
  const std::string& first = arguments[0];
  if (first == "--version") {
    Print(stdout, "darkroom " DARKROOM_VERSION "\n");
    return ExitCode::kDone;
  }
  const bool help = first == "help" || first == "--help" || first == "-h";
  if (help && arguments.size() == 1) {
    Print(stdout, ProgramHelp(commands));
    return ExitCode::kDone;
  }
  const std::string& name = help ? arguments[1] : first;
  Command* command = Find(commands, name);
  if (command == nullptr) {
    return WrongUsage(absl::StrCat("there is no command \"", name, "\""), "help");
  }
  if (help) {
    Print(stdout, CommandHelp(*command));
    return ExitCode::kDone;
  }
  return RunCommand(*command, arguments.subspan(1));
}

}  // namespace darkroom::cli
