#include "convert/zip_checkpoint.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/status_macros.h"
#include "convert/pickle_interpreter.h"
#include "convert/text.h"
#include "convert/zip_archive.h"

namespace darkroom::convert {
namespace {

constexpr absl::string_view kPickle = "data.pkl";

class ZipCheckpoint final : public Checkpoint {
 public:
  // `entries`: of each storage.
  ZipCheckpoint(std::unique_ptr<ZipArchive> archive, std::unique_ptr<std::string> pickle,
                PickleData data, std::vector<ZipEntry> entries)
      : archive_(std::move(archive)),
        pickle_(std::move(pickle)),
        data_(std::move(data)),
        entries_(std::move(entries)) {}

  const PickleData& data() const override { return data_; }

  absl::Status ReadStorage(std::uint32_t storage, std::uint64_t offset, std::uint64_t size,
                           Sink sink) override {
    return archive_->Read(entries_[storage], offset, size, sink);
  }

 private:
  std::unique_ptr<ZipArchive> archive_;
  std::unique_ptr<std::string> pickle_;  // what the views of data_ point into
  PickleData data_;
  std::vector<ZipEntry> entries_;
};

bool IsNumber(absl::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), absl::ascii_isdigit);
}

// What torch writes into the folder; the names that begin with dots since 2.0 or 2.5.
bool IsKnown(absl::string_view name) {
  for (const absl::string_view known :
       {kPickle, absl::string_view("version"), absl::string_view("byteorder"),
        absl::string_view(".data/serialization_id"), absl::string_view(".format_version"),
        absl::string_view(".storage_alignment"), absl::string_view(""),
        absl::string_view("data/")}) {
    if (name == known) return true;
  }
  return absl::ConsumePrefix(&name, "data/") && IsNumber(name);
}

// The folder that holds data.pkl, with a slash behind it.
absl::StatusOr<std::string> FindFolder(const ZipArchive& archive) {
  std::string folder;
  for (const auto& [name, entry] : archive.entries()) {
    const std::size_t slash = name.find('/');
    if (slash == std::string::npos || name.substr(slash + 1) != kPickle) continue;
    if (!folder.empty()) return absl::InvalidArgumentError("it has more than one data.pkl");
    folder = name.substr(0, slash + 1);
  }
  if (folder.empty() || folder == "/" || folder == "./" || folder == "../") {
    return absl::InvalidArgumentError("it is a zip archive, but none of torch.save: no data.pkl");
  }
  return folder;
}

absl::Status CheckNames(const ZipArchive& archive, absl::string_view folder) {
  for (const auto& [name, entry] : archive.entries()) {
    absl::string_view inside = name;
    if (!absl::ConsumePrefix(&inside, folder)) {
      return absl::InvalidArgumentError(absl::StrCat("the entry ", Quoted(name),
                                                     " of its zip archive is outside the folder ",
                                                     Quoted(folder)));
    }
    if (inside == "constants.pkl" || absl::StartsWith(inside, "code/")) {
      return absl::InvalidArgumentError(
          "it is a TorchScript program, which holds code, and no checkpoint");
    }
    if (!IsKnown(inside)) {
      return absl::InvalidArgumentError(
          absl::StrCat("the entry ", Quoted(name), " of its zip archive is none of torch.save"));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckByteOrder(ZipArchive& archive, absl::string_view folder) {
  const auto entry = archive.entries().find(absl::StrCat(folder, "byteorder"));
  if (entry == archive.entries().end()) return absl::OkStatus();  // older: little by convention
  constexpr std::size_t kLongest = 16;
  DARKROOM_ASSIGN_OR_RETURN(const std::string order, archive.ReadAll(entry->second, kLongest));
  if (order == "little") return absl::OkStatus();
  return absl::InvalidArgumentError("it was not written by a little-endian machine");
}

// The entry of each storage, of the size that its tensors rely on.
absl::StatusOr<std::vector<ZipEntry>> FindStorages(const ZipArchive& archive,
                                                   absl::string_view folder,
                                                   const PickleData& data) {
  std::vector<ZipEntry> entries;
  for (const Storage& storage : data.storages) {
    const auto found = archive.entries().find(absl::StrCat(folder, "data/", storage.key));
    if (!IsNumber(storage.key) || found == archive.entries().end()) {
      return absl::InvalidArgumentError(absl::StrCat("it has no storage ", Quoted(storage.key)));
    }
    const std::uint64_t bytes = storage.elements * ElementBytes(storage.type);
    if (found->second.size != bytes) {
      return absl::InvalidArgumentError(absl::StrCat("storage ", Quoted(storage.key), " has ",
                                                     found->second.size, " bytes, its tensors say ",
                                                     bytes));
    }
    entries.push_back(found->second);
  }
  return entries;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Checkpoint>> OpenZipCheckpoint(InputFile file) {
  DARKROOM_ASSIGN_OR_RETURN(std::unique_ptr<ZipArchive> archive, ZipArchive::Open(std::move(file)));
  DARKROOM_ASSIGN_OR_RETURN(const std::string folder, FindFolder(*archive));
  DARKROOM_RETURN_IF_ERROR(CheckNames(*archive, folder));
  DARKROOM_RETURN_IF_ERROR(CheckByteOrder(*archive, folder));
  const std::string name = absl::StrCat(folder, kPickle);
  DARKROOM_ASSIGN_OR_RETURN(std::string bytes,
                            archive->ReadAll(archive->entries().at(name), kMaxPickleBytes));
  auto kept = std::make_unique<std::string>(std::move(bytes));
  const std::string shown = Quoted(name);
  DARKROOM_ASSIGN_OR_RETURN(Pickle pickle, ReadPickle({.bytes = *kept, .name = shown}));
  if (pickle.size != kept->size()) {
    return absl::InvalidArgumentError(
        absl::StrCat(shown, " has ", kept->size() - pickle.size, " bytes behind the opcode STOP"));
  }
  DARKROOM_ASSIGN_OR_RETURN(std::vector<ZipEntry> entries,
                            FindStorages(*archive, folder, pickle.data));
  return std::make_unique<ZipCheckpoint>(std::move(archive), std::move(kept),
                                         std::move(pickle.data), std::move(entries));
}

}  // namespace darkroom::convert
