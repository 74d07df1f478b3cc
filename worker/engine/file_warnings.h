#ifndef DARKROOM_WORKER_ENGINE_FILE_WARNINGS_H_
#define DARKROOM_WORKER_ENGINE_FILE_WARNINGS_H_

#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"

namespace darkroom::worker {

// Warnings of files that are left out: of each file each reason once, however often it is looked
// at. Not thread-safe.
class FileWarnings {
 public:
  using Warn = std::function<void(const std::filesystem::path&, absl::string_view)>;

  explicit FileWarnings(Warn warn) : warn_(std::move(warn)) {}

  void Once(const std::filesystem::path& path, absl::string_view why) {
    if (warned_.emplace(path.string(), why).second) warn_(path, why);
  }

 private:
  const Warn warn_;
  std::set<std::pair<std::string, std::string>> warned_;  // path, reason
};

}  // namespace darkroom::worker

#endif  // DARKROOM_WORKER_ENGINE_FILE_WARNINGS_H_
