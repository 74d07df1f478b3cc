#ifndef DARKROOM_WORKER_DIFFUSION_WEIGHTS_MAPPED_FILE_H_
#define DARKROOM_WORKER_DIFFUSION_WEIGHTS_MAPPED_FILE_H_

#include <cstddef>
#include <filesystem>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace darkroom::diffusion {

// A whole file, open and mapped into memory, read-only. What is looked at through the mapping must
// still be there: the file must not shrink meanwhile. Thread-safe.
class MappedFile {
 public:
  // NOT_FOUND, PERMISSION_DENIED, INVALID_ARGUMENT for what is no regular file; the message names
  // the path.
  static absl::StatusOr<MappedFile> Open(const std::filesystem::path& path);

  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  ~MappedFile();

  absl::string_view bytes() const { return {data_, size_}; }

  // Copies `part`, which lies in bytes(), without touching the mapping: nothing of it becomes
  // resident, and a file that has shrunk is an error (DATA_LOSS) instead of a signal.
  absl::Status Read(absl::string_view part, char* to) const;
  // Has the system read `part`, which is wanted soon. Does not wait.
  void Prefetch(absl::string_view part) const;

 private:
  MappedFile(int descriptor, const char* data, std::size_t size)
      : descriptor_(descriptor), data_(data), size_(size) {}

  int descriptor_ = -1;
  const char* data_ = nullptr;  // null for an empty file, which cannot be mapped
  std::size_t size_ = 0;
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_WEIGHTS_MAPPED_FILE_H_
