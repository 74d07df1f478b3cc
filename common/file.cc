#include "common/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"

namespace darkroom {

absl::StatusOr<std::string> ReadFile(const std::filesystem::path& path, std::size_t max_bytes) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", path.string()));
  absl::Cleanup closer = [file] { close(file); };
  struct stat info;
  if (fstat(file, &info) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot stat ", path.string()));
  }
  if (static_cast<std::size_t>(info.st_size) > max_bytes) {
    return absl::ResourceExhaustedError(
        absl::StrCat(path.string(), " has ", info.st_size, " bytes, the limit is ", max_bytes));
  }
  std::string content(static_cast<std::size_t>(info.st_size), '\0');
  std::size_t filled = 0;
  while (filled < content.size()) {
    const ssize_t got = read(file, content.data() + filled, content.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot read ", path.string()));
    if (got == 0) break;  // the file shrank meanwhile
    filled += static_cast<std::size_t>(got);
  }
  content.resize(filled);
  return content;
}

absl::Status WriteFileAtomically(const std::filesystem::path& path, absl::string_view content) {
  const std::string aside = absl::StrCat(path.string(), ".part");
  const int file = open(aside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot create ", aside));
  bool failed = false;
  while (!content.empty() && !failed) {
    const ssize_t put = write(file, content.data(), content.size());
    if (put >= 0) {
      content.remove_prefix(static_cast<std::size_t>(put));
    } else {
      failed = errno != EINTR;
    }
  }
  failed = failed || fsync(file) != 0;
  const int error = errno;
  failed = close(file) != 0 || failed;
  if (failed || rename(aside.c_str(), path.c_str()) != 0) {
    const int reason = failed ? error : errno;
    unlink(aside.c_str());
    return absl::ErrnoToStatus(reason, absl::StrCat("cannot write ", path.string()));
  }
  return absl::OkStatus();
}

}  // namespace darkroom
