#ifndef DARKROOM_COMMON_FLAGS_H_
#define DARKROOM_COMMON_FLAGS_H_

#include <vector>

#include "absl/strings/string_view.h"

namespace darkroom {

// Parses the command line with Abseil's flags. A flag that is not on the command line takes the
// value of the environment variable DARKROOM_<NAME> (upper case), if that is set. Unknown flags and
// values that do not parse end the process with status 2 and a message. `usage` is what --help
// prints first. Returns the positional arguments without the program's name.
std::vector<char*> ParseFlags(absl::string_view usage, int argc, char** argv);

}  // namespace darkroom

#endif  // DARKROOM_COMMON_FLAGS_H_
