#include "worker/diffusion/weights/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace darkroom::diffusion {

absl::StatusOr<MappedFile> MappedFile::Open(const std::filesystem::path& path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return absl::ErrnoToStatus(errno, absl::StrCat("open ", path.string()));
  absl::Cleanup close_descriptor = [descriptor] { close(descriptor); };
  struct stat info {};
  if (fstat(descriptor, &info) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("stat ", path.string()));
  }
  if (!S_ISREG(info.st_mode)) {
    return absl::InvalidArgumentError(absl::StrCat(path.string(), ": not a regular file"));
  }
  const auto size = static_cast<std::size_t>(info.st_size);
  if (size == 0) return MappedFile(-1, nullptr, 0);
  void* data = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
  if (data == MAP_FAILED) return absl::ErrnoToStatus(errno, absl::StrCat("map ", path.string()));
  std::move(close_descriptor).Cancel();
  return MappedFile(descriptor, static_cast<const char*>(data), size);
}

absl::Status MappedFile::Read(absl::string_view part, char* to) const {
  while (!part.empty()) {
    const ssize_t got = pread(descriptor_, to, part.size(), part.data() - data_);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return absl::ErrnoToStatus(errno, "read");
    if (got == 0) return absl::DataLossError("the file has become shorter");
    part.remove_prefix(static_cast<std::size_t>(got));
    to += got;
  }
  return absl::OkStatus();
}

void MappedFile::Prefetch(absl::string_view part) const {
  posix_fadvise(descriptor_, part.data() - data_, static_cast<off_t>(part.size()),
                POSIX_FADV_WILLNEED);
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) munmap(const_cast<char*>(data_), size_);
  if (descriptor_ >= 0) close(descriptor_);
}

}  // namespace darkroom::diffusion
