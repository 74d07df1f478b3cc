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

namespace darkroom {
namespace {

bool IsOurs(absl::string_view file) { return !absl::StrContains(file, "absl/"); }

void TakeEnvironment() {
  for (const auto& [name, flag] : absl::GetAllFlags()) {
    if (!IsOurs(flag->Filename())) continue;
    const std::string variable = absl::StrCat("DARKROOM_", absl::AsciiStrToUpper(name));
    const char* value = std::getenv(variable.c_str());
    if (value == nullptr) continue;
    std::string error;
    if (!flag->ParseFrom(value, &error)) {
      std::fprintf(stderr, "%s: %s\n", variable.c_str(), error.c_str());
      std::exit(2);
    }
  }
}

}  // namespace

std::vector<char*> ParseFlags(absl::string_view usage, int argc, char** argv) {
  absl::SetProgramUsageMessage(usage);
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

}  // namespace darkroom
