#include "cli/up/data_dir.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace darkroom::cli {

absl::StatusOr<DataDir> DataDir::Open(const std::filesystem::path& path) {
  std::error_code error;
  const std::filesystem::path whole = std::filesystem::absolute(path);
  for (const auto* part : {"redis", "logs"}) {
    std::filesystem::create_directories(whole / part, error);
    if (error) {
      return absl::FailedPreconditionError(absl::StrCat("cannot make ", (whole / part).string(),
                                                        ": ", error.message(),
                                                        "; choose another folder with --data_dir"));
    }
  }
  // Jobs hold what people asked for, and Redis's password lies here.
  std::filesystem::permissions(whole, std::filesystem::perms::owner_all, error);
  if (error) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot keep ", whole.string(), " from other users: ", error.message()));
  }
  const std::filesystem::path file = whole / "lock";
  const int lock = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", file.string()));
  if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
    close(lock);
    return absl::AlreadyExistsError(absl::StrCat(
        "another `darkroom up` uses ", whole.string(),
        "; stop it, or give this one a folder and a port of its own with --data_dir and --listen"));
  }
  return DataDir(whole, lock);
}

std::filesystem::path DataDir::Default() {
  const char* data = std::getenv("XDG_DATA_HOME");
  if (data != nullptr && *data == '/') return std::filesystem::path(data) / "darkroom";
  const char* home = std::getenv("HOME");
  return std::filesystem::path(home == nullptr ? "/tmp" : home) / ".local/share/darkroom";
}

DataDir::DataDir(DataDir&& other) noexcept
    : path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)) {}

DataDir::~DataDir() {
  if (lock_ >= 0) close(lock_);
}

std::filesystem::path DataDir::log(const std::string& process) const {
  return path_ / "logs" / absl::StrCat(process, ".log");
}

}  // namespace darkroom::cli
