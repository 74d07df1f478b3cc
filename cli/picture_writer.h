#ifndef DARKROOM_CLI_PICTURE_WRITER_H_
#define DARKROOM_CLI_PICTURE_WRITER_H_

#include <cstdint>
#include <filesystem>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "cli/chunk_assembler.h"

namespace darkroom::cli {

// Writes pictures into files. A file appears whole or not at all, and an existing one is never
// replaced: the second "darkroom-7.png" becomes "darkroom-7-2.png".
class PictureWriter {
 public:
  // `out` is a folder (made when it is missing), a file name that ends in .png, or empty for the
  // present folder.
  explicit PictureWriter(absl::string_view out);

  // An error, naming the path, when pictures could not be written: asked before a job is started.
  absl::Status Prepare() const;
  // Returns the path of the new file.
  absl::StatusOr<std::filesystem::path> Write(const Picture& picture) const;

 private:
  std::filesystem::path folder_;
  std::string stem_;  // empty: "darkroom-<seed>"
};

// "stem.png" for the first attempt, then "stem-2.png", "stem-3.png", …
std::string PictureFileName(absl::string_view stem, int attempt);

}  // namespace darkroom::cli

#endif  // DARKROOM_CLI_PICTURE_WRITER_H_
