#include "convert/legacy_checkpoint.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "convert/pickle_interpreter.h"
#include "convert/text.h"

namespace darkroom::convert {
namespace {

constexpr absl::string_view kMagic = "\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";
constexpr std::int64_t kVersion = 1001;

class LegacyCheckpoint final : public Checkpoint {
 public:
  // `offsets`: where the bytes of each storage begin.
  LegacyCheckpoint(InputFile file, std::unique_ptr<std::string> pickles, PickleData data,
                   std::vector<std::uint64_t> offsets)
      : file_(std::move(file)),
        pickles_(std::move(pickles)),
        data_(std::move(data)),
        offsets_(std::move(offsets)) {}

  const PickleData& data() const override { return data_; }

  absl::Status ReadStorage(std::uint32_t storage, std::uint64_t offset, std::uint64_t size,
                           Sink sink) override {
    std::string piece(static_cast<std::size_t>(std::min<std::uint64_t>(size, kPieceBytes)), '\0');
    std::uint64_t at = offsets_[storage] + offset;
    while (size > 0) {
      const std::size_t next = static_cast<std::size_t>(std::min<std::uint64_t>(size, kPieceBytes));
      DARKROOM_RETURN_IF_ERROR(file_.Read(at, next, piece.data()));
      DARKROOM_RETURN_IF_ERROR(sink(absl::string_view(piece).substr(0, next)));
      at += next;
      size -= next;
    }
    return absl::OkStatus();
  }

 private:
  InputFile file_;
  std::unique_ptr<std::string> pickles_;  // what the views of data_ point into
  PickleData data_;
  std::vector<std::uint64_t> offsets_;
};

// Reads the pickles one behind the other.
class PickleSequence {
 public:
  explicit PickleSequence(absl::string_view bytes) : bytes_(bytes) {}

  absl::StatusOr<PickleData> Next() {
    const PickleSource source{
        .bytes = bytes_.substr(position_), .name = "the file", .base = position_};
    DARKROOM_ASSIGN_OR_RETURN(Pickle pickle, ReadPickle(source));
    position_ += pickle.size;
    return std::move(pickle.data);
  }
  std::uint64_t position() const { return position_; }

 private:
  absl::string_view bytes_;
  std::size_t position_ = 0;
};

absl::Status CheckHead(PickleSequence& pickles) {
  DARKROOM_ASSIGN_OR_RETURN(const PickleData magic, pickles.Next());
  const BigInteger* number = std::get_if<BigInteger>(&magic.root);
  if (number == nullptr || number->bytes != kMagic) {
    return absl::InvalidArgumentError(
        "it is a pickle, but does not begin with the magic number of torch.save");
  }
  DARKROOM_ASSIGN_OR_RETURN(const PickleData version, pickles.Next());
  const std::int64_t* value = std::get_if<std::int64_t>(&version.root);
  if (value == nullptr || *value != kVersion) {
    return absl::InvalidArgumentError(absl::StrCat("its version is not ", kVersion));
  }
  DARKROOM_ASSIGN_OR_RETURN(const PickleData machine, pickles.Next());
  const DictRef* dict = std::get_if<DictRef>(&machine.root);
  const Value* little =
      dict == nullptr ? nullptr : Find(machine.dicts[dict->index], "little_endian");
  const bool* is_little = little == nullptr ? nullptr : std::get_if<bool>(little);
  if (is_little == nullptr || !*is_little) {
    return absl::InvalidArgumentError("it was not written by a little-endian machine");
  }
  return absl::OkStatus();
}

// The keys of the storages in the order of their bytes.
absl::StatusOr<std::vector<absl::string_view>> ReadKeys(const PickleData& data) {
  const ListRef* list = std::get_if<ListRef>(&data.root);
  if (list == nullptr) return absl::InvalidArgumentError("it has no list of its storages");
  std::vector<absl::string_view> keys;
  for (const Value& item : data.sequences[list->index]) {
    const Text* key = std::get_if<Text>(&item);
    if (key == nullptr) {
      return absl::InvalidArgumentError(
          absl::StrCat("its list of storages has ", Describe(item, data)));
    }
    keys.push_back(key->bytes);
  }
  return keys;
}

// Walks over the storages from `position` to the end of the file.
absl::StatusOr<std::vector<std::uint64_t>> FindStorages(const InputFile& file,
                                                        const PickleData& data,
                                                        const std::vector<absl::string_view>& keys,
                                                        std::uint64_t position) {
  constexpr std::size_t kCountBytes = 8;
  absl::flat_hash_map<absl::string_view, std::size_t> missing;
  for (std::size_t i = 0; i < data.storages.size(); ++i) missing[data.storages[i].key] = i;
  std::vector<std::uint64_t> offsets(data.storages.size());
  for (const absl::string_view key : keys) {
    const auto found = missing.find(key);
    if (found == missing.end()) {
      return absl::InvalidArgumentError(
          absl::StrCat("it lists storage ", Quoted(key), ", which no tensor has, or twice"));
    }
    const Storage& storage = data.storages[found->second];
    DARKROOM_ASSIGN_OR_RETURN(const std::string count, file.Read(position, kCountBytes));
    std::uint64_t elements = 0;
    for (std::size_t i = count.size(); i-- > 0;) {
      elements = elements << 8 | static_cast<unsigned char>(count[i]);
    }
    const std::uint64_t bytes = storage.elements * ElementBytes(storage.type);
    if (count.size() < kCountBytes || bytes > file.size() - position - kCountBytes) {
      return absl::InvalidArgumentError(absl::StrCat("it ends before storage ", Quoted(key)));
    }
    if (elements != storage.elements) {
      return absl::InvalidArgumentError(absl::StrCat("storage ", Quoted(key), " has ", elements,
                                                     " elements, its tensors say ",
                                                     storage.elements));
    }
    offsets[found->second] = position + kCountBytes;
    position += kCountBytes + bytes;
    missing.erase(found);
  }
  if (!missing.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("it has no storage ", Quoted(missing.begin()->first)));
  }
  if (position != file.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("it has ", file.size() - position, " bytes behind the last storage"));
  }
  return offsets;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Checkpoint>> OpenLegacyCheckpoint(InputFile file) {
  DARKROOM_ASSIGN_OR_RETURN(std::string beginning, file.Read(0, kMaxPickleBytes));
  auto bytes = std::make_unique<std::string>(std::move(beginning));
  PickleSequence pickles(*bytes);
  DARKROOM_RETURN_IF_ERROR(CheckHead(pickles));
  DARKROOM_ASSIGN_OR_RETURN(PickleData data, pickles.Next());
  DARKROOM_ASSIGN_OR_RETURN(const PickleData list, pickles.Next());
  DARKROOM_ASSIGN_OR_RETURN(const std::vector<absl::string_view> keys, ReadKeys(list));
  DARKROOM_ASSIGN_OR_RETURN(std::vector<std::uint64_t> offsets,
                            FindStorages(file, data, keys, pickles.position()));
  return std::make_unique<LegacyCheckpoint>(std::move(file), std::move(bytes), std::move(data),
                                            std::move(offsets));
}

}  // namespace darkroom::convert
