#ifndef DARKROOM_WORKER_DIFFUSION_WEIGHTS_MAPPED_FILE_H_
#define DARKROOM_WORKER_DIFFUSION_WEIGHTS_MAPPED_FILE_H_

#include <cstddef>
#include <filesystem>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace darkroom::diffusion {

// A whole file mapped into memory, read-only. The file must not shrink while it is mapped.
class MappedFile {
 public:
  // NOT_FOUND, PERMISSION_DENIED, INVALID_ARGUMENT for what is no regular file; the message names
  // the path.
  static absl::StatusOr<MappedFile> Open(const std::filesystem::path& path);

  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  ~MappedFile();

  absl::string_view bytes() const { return {data_, size_}; }

 private:
  MappedFile(const char* data, std::size_t size) : data_(data), size_(size) {}

  const char* data_ = nullptr;  // null for an empty file, which cannot be mapped
  std::size_t size_ = 0;
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_WEIGHTS_MAPPED_FILE_H_
