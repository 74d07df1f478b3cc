#ifndef DARKROOM_COMMON_FLAGS_H_
#define DARKROOM_COMMON_FLAGS_H_

#include <map>
#include <string>
#include <vector>

#include "absl/flags/commandlineflag.h"
#include "absl/strings/string_view.h"

namespace darkroom {

// Parses the command line with Abseil's flags. A flag that is not on the command line takes the
// value of the environment variable DARKROOM_<NAME> (upper case), if that is set. Unknown flags and
// values that do not parse end the process with status 2 and a message. `usage` is what --help
// prints first. Returns the positional arguments without the program's name.
std::vector<char*> ParseFlags(absl::string_view usage, int argc, char** argv);

// The flags of this program by name, without those that Abseil itself defines.
std::map<std::string, absl::CommandLineFlag*> OwnFlags();

// Of a flag: "DARKROOM_METRICS_LISTEN".
std::string EnvironmentVariable(absl::string_view flag);

// The flags that a command line names, and the value that it gives them last, read as Abseil does;
// nothing is set. What is no flag is left out.
std::map<std::string, std::string> NamedFlags(int argc, char** argv);

}  // namespace darkroom

#endif  // DARKROOM_COMMON_FLAGS_H_
