#include "cli/up/programs.h"

#include <unistd.h>

#include <cstdlib>
#include <string>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace darkroom::cli {
namespace {

bool IsProgram(const std::filesystem::path& path) {
  std::error_code error;
  return std::filesystem::is_regular_file(path, error) && access(path.c_str(), X_OK) == 0;
}

}  // namespace

std::filesystem::path OwnFolder() {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
}

absl::StatusOr<std::filesystem::path> FindSibling(absl::string_view name) {
  const std::filesystem::path path = OwnFolder() / std::string(name);
  if (IsProgram(path)) return path;
  return absl::NotFoundError(
      absl::StrCat(path.string(), " is missing; build it with `ninja ", name, "`"));
}

absl::StatusOr<std::filesystem::path> FindRedisServer() {
  const char* search = std::getenv("PATH");
  for (absl::string_view folder : absl::StrSplit(search == nullptr ? "" : search, ':')) {
    if (folder.empty()) continue;
    const std::filesystem::path path = std::filesystem::path(std::string(folder)) / "redis-server";
    if (IsProgram(path)) return path;
  }
  return absl::NotFoundError(
      "redis-server is not on PATH; install it with `apt-get install redis-server`");
}

absl::StatusOr<std::filesystem::path> FindModels() {
  std::error_code error;
  for (const auto* place : {"../../../models", "../share/darkroom/models"}) {
    const std::filesystem::path path = (OwnFolder() / place).lexically_normal();
    if (std::filesystem::is_directory(path, error)) return path;
  }
  return absl::NotFoundError("no models folder near the program; name one with --models");
}

}  // namespace darkroom::cli
