#ifndef DARKROOM_CONVERT_NEW_FILE_H_
#define DARKROOM_CONVERT_NEW_FILE_H_

#include <filesystem>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace darkroom::convert {

// A file that appears under its name whole or not at all: it is written piece by piece beside it,
// synced to the disk, then renamed. Used by one thread; moves only.
class NewFile {
 public:
  // ALREADY_EXISTS when there is something of this name, unless it may be replaced. Errors name the
  // path.
  static absl::StatusOr<NewFile> Create(const std::filesystem::path& path, bool replace);

  NewFile(NewFile&& other) noexcept
      : path_(std::move(other.path_)),
        aside_(std::exchange(other.aside_, {})),
        descriptor_(std::exchange(other.descriptor_, -1)) {}
  NewFile& operator=(NewFile&&) = delete;
  // Removes what was written without a Finish().
  ~NewFile();

  absl::Status Append(absl::string_view bytes);
  absl::Status Finish();

 private:
  NewFile(std::filesystem::path path, std::filesystem::path aside, int descriptor)
      : path_(std::move(path)), aside_(std::move(aside)), descriptor_(descriptor) {}

  absl::Status Failure() const;

  std::filesystem::path path_;
  std::filesystem::path aside_;  // empty once it is renamed
  int descriptor_;
};

}  // namespace darkroom::convert

#endif  // DARKROOM_CONVERT_NEW_FILE_H_
