#ifndef DARKROOM_CONVERT_ZIP_ARCHIVE_H_
#define DARKROOM_CONVERT_ZIP_ARCHIVE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "convert/checkpoint.h"
#include "convert/input_file.h"

struct zip;
struct zip_file;

namespace darkroom::convert {

struct ZipEntry {
  std::string name;
  std::uint64_t index = 0;
  std::uint64_t size = 0;  // of the content
  bool stored = true;      // or deflated
};

// A zip archive from a stranger, read with libzip. Nothing of it is ever written under a name out
// of it. Errors are INVALID_ARGUMENT without the archive's name. Used by one thread.
class ZipArchive {
 public:
  using Entries = absl::btree_map<std::string, ZipEntry>;

  static constexpr std::uint64_t kMaxEntries = 1 << 17;

  // Refuses an archive whose headers contradict each other, and entries that are encrypted, links,
  // packed otherwise than with deflate, of one name, or that together claim more bytes of the
  // archive than it has: such overlap.
  static absl::StatusOr<std::unique_ptr<ZipArchive>> Open(InputFile file);
  ~ZipArchive();

  const Entries& entries() const { return entries_; }

  // Streams a part of an entry; offset + size is within it. The checksum of every entry of which
  // something is read is verified: at the end of a whole read, else before the part is. All reads
  // together may take 16 times the archive's bytes and 16 MiB; that is far from what a checkpoint
  // needs, and ends those that make much of little.
  absl::Status Read(const ZipEntry& entry, std::uint64_t offset, std::uint64_t size, Sink sink);
  // A whole entry of at most `most` bytes. Memory grows with what is really there.
  absl::StatusOr<std::string> ReadAll(const ZipEntry& entry, std::size_t most);

 private:
  ZipArchive(InputFile file, zip* archive);

  absl::Status Index();
  absl::StatusOr<ZipEntry> CheckEntry(std::uint64_t index, absl::string_view name);
  absl::Status Stream(const ZipEntry& entry, std::uint64_t offset, std::uint64_t size, Sink sink);
  absl::Status Transfer(const ZipEntry& entry, zip_file* opened, std::uint64_t size, Sink sink);

  const InputFile file_;
  zip* const archive_;
  Entries entries_;
  std::uint64_t packed_ = 0;     // bytes of the archive that the entries claim
  std::uint64_t read_left_ = 0;  // bytes
  absl::flat_hash_set<std::uint64_t> verified_;
};

}  // namespace darkroom::convert

#endif  // DARKROOM_CONVERT_ZIP_ARCHIVE_H_
