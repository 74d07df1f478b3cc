#ifndef DARKROOM_CLI_UP_DATA_DIR_H_
#define DARKROOM_CLI_UP_DATA_DIR_H_

#include <filesystem>

#include "absl/status/statusor.h"

namespace darkroom::cli {

// The folder of one local stack, used by one process at a time:
//   lock  redis.conf  redis.password  redis/ (its append-only file)  logs/ (one file a process)
// Other users cannot look into it.
class DataDir {
 public:
  // Makes and locks it. ALREADY_EXISTS when another process holds it.
  static absl::StatusOr<DataDir> Open(const std::filesystem::path& path);
  // ${XDG_DATA_HOME:-~/.local/share}/darkroom
  static std::filesystem::path Default();

  DataDir(DataDir&& other) noexcept;
  DataDir& operator=(DataDir&&) = delete;
  ~DataDir();

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path redis() const { return path_ / "redis"; }
  std::filesystem::path redis_config() const { return path_ / "redis.conf"; }
  std::filesystem::path redis_password() const { return path_ / "redis.password"; }
  std::filesystem::path log(const std::string& process) const;

 private:
  DataDir(std::filesystem::path path, int lock) : path_(std::move(path)), lock_(lock) {}

  std::filesystem::path path_;
  int lock_;  // an open file, held under flock
};

}  // namespace darkroom::cli

#endif  // DARKROOM_CLI_UP_DATA_DIR_H_
