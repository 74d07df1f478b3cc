#include "convert/zip_archive.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zip.h>

#include <algorithm>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "convert/text.h"

namespace darkroom::convert {
namespace {

constexpr std::uint64_t kReadsOfFile = 16;
constexpr std::uint64_t kReadSlack = std::uint64_t{16} << 20;

absl::Status Damaged(absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("its zip archive is damaged: ", why));
}

absl::Status Refuse(absl::string_view name, absl::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat("the entry ", Quoted(name), " of its zip archive ", what));
}

absl::Status Unreadable(const ZipEntry& entry, absl::string_view why) {
  return Refuse(entry.name, absl::StrCat("cannot be read: ", why));
}

absl::Status Discard(absl::string_view) { return absl::OkStatus(); }

// A link or a device would not be read as one; but no checkpoint has any.
bool IsSpecial(zip_t* archive, std::uint64_t index) {
  zip_uint8_t system = 0;
  zip_uint32_t attributes = 0;
  if (zip_file_get_external_attributes(archive, index, 0, &system, &attributes) != 0) return true;
  if (system != ZIP_OPSYS_UNIX) return false;
  const mode_t type = attributes >> 16 & S_IFMT;
  return type != 0 && type != S_IFREG && type != S_IFDIR;
}

}  // namespace

absl::StatusOr<std::unique_ptr<ZipArchive>> ZipArchive::Open(InputFile file) {
  // libzip closes what it is given.
  const int descriptor = fcntl(file.descriptor(), F_DUPFD_CLOEXEC, 0);
  int code = 0;
  zip_t* archive = descriptor < 0 ? nullptr : zip_fdopen(descriptor, ZIP_CHECKCONS, &code);
  if (archive == nullptr) {
    if (descriptor >= 0) close(descriptor);
    zip_error_t error;
    zip_error_init_with_code(&error, code);
    const absl::Status status = code == ZIP_ER_EXISTS ? Damaged("it has two entries of one name")
                                                      : Damaged(zip_error_strerror(&error));
    zip_error_fini(&error);
    return status;
  }
  std::unique_ptr<ZipArchive> opened(new ZipArchive(std::move(file), archive));
  DARKROOM_RETURN_IF_ERROR(opened->Index());
  return opened;
}

ZipArchive::ZipArchive(InputFile file, zip* archive) : file_(std::move(file)), archive_(archive) {
  // No file is so large that this overflows.
  read_left_ = kReadsOfFile * file_.size() + kReadSlack;
}

ZipArchive::~ZipArchive() { zip_discard(archive_); }

absl::Status ZipArchive::Index() {
  const zip_int64_t count = zip_get_num_entries(archive_, 0);
  if (count < 0 || static_cast<std::uint64_t>(count) > kMaxEntries) {
    return absl::InvalidArgumentError(absl::StrCat("its zip archive has ", count, " entries"));
  }
  for (std::uint64_t i = 0; i < static_cast<std::uint64_t>(count); ++i) {
    const char* name = zip_get_name(archive_, i, ZIP_FL_ENC_RAW);
    if (name == nullptr) return Damaged(zip_strerror(archive_));
    DARKROOM_ASSIGN_OR_RETURN(const ZipEntry entry, CheckEntry(i, name));
    if (!entries_.emplace(name, entry).second) return Damaged("it has two entries of one name");
  }
  return absl::OkStatus();
}

absl::StatusOr<ZipEntry> ZipArchive::CheckEntry(std::uint64_t index, absl::string_view name) {
  constexpr zip_uint64_t kNeeded =
      ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD | ZIP_STAT_ENCRYPTION_METHOD;
  zip_stat_t stat;
  zip_stat_init(&stat);
  if (zip_stat_index(archive_, index, 0, &stat) != 0 || (stat.valid & kNeeded) != kNeeded) {
    return Refuse(name, "has no size");
  }
  if (stat.encryption_method != ZIP_EM_NONE) return Refuse(name, "is encrypted");
  if (stat.comp_method != ZIP_CM_STORE && stat.comp_method != ZIP_CM_DEFLATE) {
    return Refuse(name, absl::StrCat("is packed with method ", stat.comp_method));
  }
  const bool stored = stat.comp_method == ZIP_CM_STORE;
  if (stored && stat.size != stat.comp_size) return Refuse(name, "is stored with two sizes");
  if (IsSpecial(archive_, index)) return Refuse(name, "is a link or a device");
  if (stat.comp_size > file_.size() - packed_) {
    return Refuse(name, "overlaps another: together they have more bytes than the file");
  }
  packed_ += stat.comp_size;
  return ZipEntry{.name = std::string(name), .index = index, .size = stat.size, .stored = stored};
}

absl::Status ZipArchive::Transfer(const ZipEntry& entry, zip_file* opened, std::uint64_t size,
                                  Sink sink) {
  std::string piece(
      static_cast<std::size_t>(std::min<std::uint64_t>(size, Checkpoint::kPieceBytes)), '\0');
  while (size > 0) {
    if (read_left_ == 0) {
      return absl::InvalidArgumentError("its tensors are out of proportion to its size");
    }
    const zip_int64_t got =
        zip_fread(opened, piece.data(), std::min({size, std::uint64_t{piece.size()}, read_left_}));
    if (got < 0) return Unreadable(entry, zip_file_strerror(opened));
    if (got == 0) return Refuse(entry.name, "is shorter than its size");
    DARKROOM_RETURN_IF_ERROR(
        sink(absl::string_view(piece).substr(0, static_cast<std::size_t>(got))));
    size -= static_cast<std::uint64_t>(got);
    read_left_ -= static_cast<std::uint64_t>(got);
  }
  return absl::OkStatus();
}

absl::Status ZipArchive::Stream(const ZipEntry& entry, std::uint64_t offset, std::uint64_t size,
                                Sink sink) {
  zip_file_t* opened = zip_fopen_index(archive_, entry.index, 0);
  if (opened == nullptr) return Unreadable(entry, zip_strerror(archive_));
  absl::Cleanup closer = [opened] { zip_fclose(opened); };
  if (offset > 0 && entry.stored) {
    if (zip_fseek(opened, static_cast<zip_int64_t>(offset), SEEK_SET) != 0) {
      return Unreadable(entry, zip_file_strerror(opened));
    }
  } else {
    DARKROOM_RETURN_IF_ERROR(Transfer(entry, opened, offset, Discard));
  }
  DARKROOM_RETURN_IF_ERROR(Transfer(entry, opened, size, sink));
  if (offset > 0 || size < entry.size) return absl::OkStatus();
  char beyond = 0;
  const zip_int64_t got = zip_fread(opened, &beyond, 1);  // compares the checksum
  if (got < 0) return Unreadable(entry, zip_file_strerror(opened));
  if (got > 0) return Refuse(entry.name, "is longer than its size");
  verified_.insert(entry.index);
  return absl::OkStatus();
}

absl::Status ZipArchive::Read(const ZipEntry& entry, std::uint64_t offset, std::uint64_t size,
                              Sink sink) {
  const bool whole = offset == 0 && size == entry.size;
  if (!whole && !verified_.contains(entry.index)) {
    DARKROOM_RETURN_IF_ERROR(Stream(entry, 0, entry.size, Discard));
  }
  return Stream(entry, offset, size, sink);
}

absl::StatusOr<std::string> ZipArchive::ReadAll(const ZipEntry& entry, std::size_t most) {
  if (entry.size > most) {
    return Refuse(entry.name,
                  absl::StrCat("has ", entry.size, " bytes, at most ", most, " are read"));
  }
  std::string content;
  DARKROOM_RETURN_IF_ERROR(Read(entry, 0, entry.size, [&](absl::string_view bytes) {
    content.append(bytes.data(), bytes.size());
    return absl::OkStatus();
  }));
  return content;
}

}  // namespace darkroom::convert
