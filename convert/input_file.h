#ifndef DARKROOM_CONVERT_INPUT_FILE_H_
#define DARKROOM_CONVERT_INPUT_FILE_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace darkroom::convert {

// A regular file, opened once for reading: what is checked and what is copied are the same file,
// whatever happens to its name meanwhile. Moves only.
class InputFile {
 public:
  // NOT_FOUND, PERMISSION_DENIED, INVALID_ARGUMENT for what is no regular file. Never blocks on a
  // pipe.
  static absl::StatusOr<InputFile> Open(const std::filesystem::path& path);

  InputFile(InputFile&& other) noexcept
      : descriptor_(std::exchange(other.descriptor_, -1)), size_(other.size_) {}
  InputFile& operator=(InputFile&&) = delete;
  ~InputFile();

  int descriptor() const { return descriptor_; }
  std::uint64_t size() const { return size_; }

  // Exactly `size` bytes from `offset` on; DATA_LOSS when the file ends before.
  absl::Status Read(std::uint64_t offset, std::size_t size, char* to) const;
  // Up to `size` bytes from `offset` on: fewer only at the end of the file.
  absl::StatusOr<std::string> Read(std::uint64_t offset, std::size_t size) const;

 private:
  InputFile(int descriptor, std::uint64_t size) : descriptor_(descriptor), size_(size) {}

  int descriptor_;
  std::uint64_t size_;
};

}  // namespace darkroom::convert

#endif  // DARKROOM_CONVERT_INPUT_FILE_H_
