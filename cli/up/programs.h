#ifndef DARKROOM_CLI_UP_PROGRAMS_H_
#define DARKROOM_CLI_UP_PROGRAMS_H_

#include <filesystem>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace darkroom::cli {

// The folder of the running program.
std::filesystem::path OwnFolder();

// A program of ours, which lies beside the running one. NOT_FOUND with the way out.
absl::StatusOr<std::filesystem::path> FindSibling(absl::string_view name);

// redis-server on PATH. NOT_FOUND with the way out.
absl::StatusOr<std::filesystem::path> FindRedisServer();

// The models that come with Darkroom: of the source tree (the program is in build/<preset>/bin) or
// of an installation (../share/darkroom/models). NOT_FOUND with the way out.
absl::StatusOr<std::filesystem::path> FindModels();

}  // namespace darkroom::cli

#endif  // DARKROOM_CLI_UP_PROGRAMS_H_
