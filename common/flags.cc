#include "common/flags.h"

#include <cstdio>
#include <cstdlib>
#include <string>

#include "absl/flags/commandlineflag.h"
#include "absl/flags/parse.h"
#include "absl/flags/reflection.h"
#include "absl/flags/usage.h"
#include "absl/flags/usage_config.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace darkroom {
namespace {

bool IsOurs(absl::string_view file) { return !absl::StrContains(file, "absl/"); }

// Ends the process when a variable's value is none of its flag.
void TakeEnvironment() {
  bool wrong = false;
  for (const auto& [name, flag] : OwnFlags()) {
    const std::string variable = EnvironmentVariable(name);
    const char* value = std::getenv(variable.c_str());
    if (value == nullptr) continue;
    std::string error;
    if (flag->ParseFrom(value, &error)) continue;
    std::fprintf(stderr, "%s: %s\n", variable.c_str(), error.c_str());
    wrong = true;
  }
  if (wrong) std::exit(2);
}

}  // namespace

std::vector<char*> ParseFlags(absl::string_view usage, int argc, char** argv) {
  // Abseil takes one a process, and tests parse more than once.
  static const bool told = (absl::SetProgramUsageMessage(usage), true);
  static_cast<void>(told);
  absl::FlagsUsageConfig config;
  config.contains_help_flags = IsOurs;
  config.contains_helpshort_flags = IsOurs;
  config.version_string = [] { return absl::StrCat("darkroom ", DARKROOM_VERSION, "\n"); };
  absl::SetFlagsUsageConfig(config);
  TakeEnvironment();  // before the command line, which then overrides it
  std::vector<char*> positional = absl::ParseCommandLine(argc, argv);
  positional.erase(positional.begin());
  return positional;
}

std::map<std::string, absl::CommandLineFlag*> OwnFlags() {
  std::map<std::string, absl::CommandLineFlag*> flags;
  for (const auto& [name, flag] : absl::GetAllFlags()) {
    if (IsOurs(flag->Filename())) flags.emplace(name, flag);
  }
  return flags;
}

std::string EnvironmentVariable(absl::string_view flag) {
  return absl::StrCat("DARKROOM_", absl::AsciiStrToUpper(flag));
}

std::map<std::string, std::string> NamedFlags(int argc, char** argv) {
  std::map<std::string, std::string> named;
  for (int i = 1; i < argc; ++i) {
    absl::string_view word = argv[i];
    if (word == "--") break;
    if (word.size() < 2 || !absl::ConsumePrefix(&word, "-")) continue;
    absl::ConsumePrefix(&word, "-");
    const std::size_t equals = word.find('=');
    absl::string_view name = word.substr(0, equals);
    const absl::CommandLineFlag* flag = absl::FindCommandLineFlag(name);
    const bool negated = flag == nullptr && absl::ConsumePrefix(&name, "no");
    if (negated) flag = absl::FindCommandLineFlag(name);
    if (flag == nullptr) continue;
    std::string& value = named[std::string(name)];
    if (equals != absl::string_view::npos) {
      value = std::string(word.substr(equals + 1));
    } else if (flag->IsOfType<bool>()) {
      value = negated ? "false" : "true";
    } else if (i + 1 < argc) {
      value = argv[++i];
    }
  }
  return named;
}

}  // namespace darkroom
