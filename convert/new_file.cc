#include "convert/new_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "absl/strings/str_cat.h"
#include "common/ids.h"

namespace darkroom::convert {
namespace {

// A rename is on the disk once its folder is. Where folders cannot be synced, the file still is.
void SyncFolderOf(const std::filesystem::path& path) {
  const std::filesystem::path parent = path.parent_path();
  const char* name = parent.empty() ? "." : parent.c_str();
  const int folder = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return;
  fsync(folder);
  close(folder);
}

}  // namespace

absl::StatusOr<NewFile> NewFile::Create(const std::filesystem::path& path, bool replace) {
  struct stat info {};
  if (!replace && lstat(path.c_str(), &info) == 0) {
    return absl::AlreadyExistsError(absl::StrCat(path.string(), " exists already"));
  }
  std::filesystem::path aside = absl::StrCat(path.string(), ".", RandomId(), ".part");
  const int descriptor = open(aside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (descriptor < 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot create ", aside.string()));
  }
  return NewFile(path, std::move(aside), descriptor);
}

NewFile::~NewFile() {
  if (descriptor_ >= 0) close(descriptor_);
  if (!aside_.empty()) unlink(aside_.c_str());
}

absl::Status NewFile::Failure() const {
  return absl::ErrnoToStatus(errno, absl::StrCat("cannot write ", path_.string()));
}

absl::Status NewFile::Append(absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t put = write(descriptor_, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return Failure();
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  return absl::OkStatus();
}

absl::Status NewFile::Finish() {
  if (fsync(descriptor_) != 0) return Failure();
  if (close(std::exchange(descriptor_, -1)) != 0) return Failure();
  if (rename(aside_.c_str(), path_.c_str()) != 0) return Failure();
  aside_.clear();
  SyncFolderOf(path_);
  return absl::OkStatus();
}

}  // namespace darkroom::convert
