#include "cli/picture_writer.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/file.h"
#include "common/ids.h"
#include "common/status_macros.h"

namespace darkroom::cli {
namespace {

constexpr int kMostNames = 10000;

// Renames unless the target exists: then ALREADY_EXISTS.
absl::Status RenameToNew(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) {
    return absl::OkStatus();
  }
  // Some network file systems cannot do it in one call, but can link.
  if ((errno == EINVAL || errno == ENOSYS) && link(from.c_str(), to.c_str()) == 0) {
    unlink(from.c_str());
    return absl::OkStatus();
  }
  return absl::ErrnoToStatus(errno, absl::StrCat("cannot write ", to.string()));
}

}  // namespace

std::string PictureFileName(absl::string_view stem, int attempt) {
  return attempt <= 1 ? absl::StrCat(stem, ".png") : absl::StrCat(stem, "-", attempt, ".png");
}

PictureWriter::PictureWriter(absl::string_view out) {
  std::filesystem::path path = out.empty() ? "." : std::string(out);
  if (absl::EndsWithIgnoreCase(path.filename().string(), ".png")) {
    stem_ = path.stem().string();
    path = path.has_parent_path() ? path.parent_path() : ".";
  }
  folder_ = path;
}

absl::Status PictureWriter::Prepare() const {
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  if (error) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot make the folder ", folder_.string(), ": ", error.message()));
  }
  if (access(folder_.c_str(), W_OK | X_OK) != 0) {
    return absl::ErrnoToStatus(
        errno, absl::StrCat("cannot write into ", folder_.string(), "; choose another with --out"));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::filesystem::path> PictureWriter::Write(const Picture& picture) const {
  const std::string stem = stem_.empty() ? absl::StrCat("darkroom-", picture.image.seed()) : stem_;
  const std::filesystem::path aside = folder_ / absl::StrCat(".", stem, "-", RandomId());
  const absl::Cleanup remove = [&aside] { unlink(aside.c_str()); };
  DARKROOM_RETURN_IF_ERROR(WriteFileAtomically(aside, picture.bytes));
  for (int attempt = 1; attempt <= kMostNames; ++attempt) {
    const std::filesystem::path path = folder_ / PictureFileName(stem, attempt);
    const absl::Status renamed = RenameToNew(aside, path);
    if (renamed.ok()) return path.lexically_normal();
    if (!absl::IsAlreadyExists(renamed)) return renamed;
  }
  return absl::AlreadyExistsError(
      absl::StrCat("too many files like ", (folder_ / PictureFileName(stem, 1)).string()));
}

}  // namespace darkroom::cli
