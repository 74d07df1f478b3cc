#include "worker/diffusion/weights/safetensors.h"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <optional>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "worker/diffusion/weights/json.h"

namespace darkroom::diffusion {
namespace {

constexpr std::uint64_t kLengthBytes = 8;
constexpr char kMetadata[] = "__metadata__";

struct TypeInfo {
  absl::string_view name;
  TensorType type;
  std::uint64_t size;
};

constexpr TypeInfo kTypes[] = {
    {"BOOL", TensorType::kBool, 1}, {"U8", TensorType::kU8, 1},     {"I8", TensorType::kI8, 1},
    {"I16", TensorType::kI16, 2},   {"I32", TensorType::kI32, 4},   {"I64", TensorType::kI64, 8},
    {"F16", TensorType::kF16, 2},   {"BF16", TensorType::kBF16, 2}, {"F32", TensorType::kF32, 4},
    {"F64", TensorType::kF64, 8},
};

// A tensor of the header with its place in the data section.
struct Entry {
  std::string name;
  TensorType type = TensorType::kF32;
  std::vector<std::int64_t> shape;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

std::uint64_t ReadLength(absl::string_view bytes) {
  std::uint64_t length = 0;
  for (int i = kLengthBytes - 1; i >= 0; --i) {
    length = length << 8 | static_cast<unsigned char>(bytes[i]);
  }
  return length;
}

absl::StatusOr<TypeInfo> ParseType(const Json& value) {
  const std::string* name = value.string();
  if (name == nullptr) return absl::InvalidArgumentError("dtype is not a string");
  for (const TypeInfo& info : kTypes) {
    if (info.name == *name) return info;
  }
  return absl::InvalidArgumentError(absl::StrCat("dtype '", *name, "' is not supported"));
}

absl::StatusOr<std::vector<std::int64_t>> ParseSizes(const Json& value, absl::string_view key,
                                                     std::size_t max_count) {
  const Json::Array* array = value.array();
  if (array == nullptr || array->size() > max_count) {
    return absl::InvalidArgumentError(
        absl::StrCat(key, " is not an array of at most ", max_count, " numbers"));
  }
  std::vector<std::int64_t> sizes;
  for (const Json& element : *array) {
    if (element.integer() == nullptr || *element.integer() < 0) {
      return absl::InvalidArgumentError(absl::StrCat(key, " has what is not a whole number >= 0"));
    }
    sizes.push_back(*element.integer());
  }
  return sizes;
}

// The bytes that a tensor of this shape takes; nullopt when they do not fit in 63 bits.
std::optional<std::uint64_t> ByteCount(const std::vector<std::int64_t>& shape,
                                       std::uint64_t element_size) {
  std::int64_t bytes = static_cast<std::int64_t>(element_size);
  for (const std::int64_t size : shape) {
    if (__builtin_mul_overflow(bytes, size, &bytes)) return std::nullopt;
  }
  return static_cast<std::uint64_t>(bytes);
}

absl::StatusOr<Entry> ParseEntry(const std::string& name, const Json& value) {
  if (value.object() == nullptr || value.object()->size() != 3) {
    return absl::InvalidArgumentError("its entry is not {dtype, shape, data_offsets}");
  }
  // Three members, no name twice, each of these present: nothing unknown is left.
  const Json* type = value.Find("dtype");
  const Json* shape = value.Find("shape");
  const Json* place = value.Find("data_offsets");
  if (type == nullptr || shape == nullptr || place == nullptr) {
    return absl::InvalidArgumentError("its entry is not {dtype, shape, data_offsets}");
  }
  Entry entry;
  entry.name = name;
  DARKROOM_ASSIGN_OR_RETURN(const TypeInfo info, ParseType(*type));
  entry.type = info.type;
  DARKROOM_ASSIGN_OR_RETURN(entry.shape,
                            ParseSizes(*shape, "shape", SafetensorsFile::kMaxDimensions));
  DARKROOM_ASSIGN_OR_RETURN(const auto offsets, ParseSizes(*place, "data_offsets", 2));
  if (offsets.size() != 2 || offsets[0] > offsets[1]) {
    return absl::InvalidArgumentError("data_offsets is not [begin, end]");
  }
  entry.begin = static_cast<std::uint64_t>(offsets[0]);
  entry.end = static_cast<std::uint64_t>(offsets[1]);
  if (ByteCount(entry.shape, info.size) != entry.end - entry.begin) {
    return absl::InvalidArgumentError("its length is not the product of its shape");
  }
  return entry;
}

absl::StatusOr<SafetensorsFile::Metadata> ParseMetadata(const Json& value) {
  if (value.object() == nullptr) return absl::InvalidArgumentError("__metadata__ is not an object");
  SafetensorsFile::Metadata metadata;
  for (const auto& [key, text] : *value.object()) {
    if (text.string() == nullptr) {
      return absl::InvalidArgumentError("__metadata__ has what is not a string");
    }
    metadata.emplace(key, *text.string());
  }
  return metadata;
}

struct Header {
  std::vector<Entry> entries;
  SafetensorsFile::Metadata metadata;
};

absl::StatusOr<Header> ParseHeader(absl::string_view text) {
  // A tensor takes at most fourteen values: itself, three members, eight sizes and two offsets.
  const Json::Limits limits{.depth = 3,
                            .values = static_cast<std::int64_t>(SafetensorsFile::kMaxTensors) * 14};
  DARKROOM_ASSIGN_OR_RETURN(const Json header, Json::Parse(text, limits));
  if (header.object() == nullptr) return absl::InvalidArgumentError("the header is not an object");
  if (header.object()->size() > SafetensorsFile::kMaxTensors) {
    return absl::InvalidArgumentError("too many tensors");
  }
  Header parsed;
  parsed.entries.reserve(header.object()->size());
  for (const auto& [name, value] : *header.object()) {
    if (name == kMetadata) {
      DARKROOM_ASSIGN_OR_RETURN(parsed.metadata, ParseMetadata(value));
      continue;
    }
    absl::StatusOr<Entry> entry = ParseEntry(name, value);
    if (!entry.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat("tensor '", name, "': ", entry.status().message()));
    }
    parsed.entries.push_back(*std::move(entry));
  }
  return parsed;
}

// The tensors lie end to end from the first byte of the data section to its last.
absl::Status CheckPlaces(std::vector<Entry>* entries, std::uint64_t data_bytes) {
  std::sort(entries->begin(), entries->end(), [](const Entry& a, const Entry& b) {
    return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
  });
  std::uint64_t end = 0;
  for (const Entry& entry : *entries) {
    if (entry.begin != end) {
      return absl::InvalidArgumentError(
          absl::StrCat("tensor '", entry.name, "' begins at ", entry.begin, ", not at ", end,
                       entry.begin < end ? ": it overlaps another" : ": there is a gap before it"));
    }
    end = entry.end;
  }
  if (end != data_bytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("the tensors take ", end, " bytes, the file has ", data_bytes));
  }
  return absl::OkStatus();
}

// The length of the header, whose first bytes these are, of a file of this size.
absl::StatusOr<std::uint64_t> HeaderLength(absl::string_view bytes, std::uint64_t file_bytes) {
  if (file_bytes < kLengthBytes || bytes.size() < kLengthBytes) {
    return absl::InvalidArgumentError("shorter than eight bytes");
  }
  const std::uint64_t length = ReadLength(bytes);
  if (length > SafetensorsFile::kMaxHeaderBytes) {
    return absl::InvalidArgumentError(absl::StrCat("a header of ", length, " bytes is too long"));
  }
  if (length > file_bytes - kLengthBytes) {
    return absl::InvalidArgumentError("the header is longer than the file");
  }
  return length;
}

// `data` is what follows the header, of `data_bytes` bytes; empty where it was not read.
absl::StatusOr<SafetensorsHeader> ParseContents(absl::string_view header, absl::string_view data,
                                                std::uint64_t data_bytes) {
  DARKROOM_ASSIGN_OR_RETURN(Header parsed, ParseHeader(header));
  DARKROOM_RETURN_IF_ERROR(CheckPlaces(&parsed.entries, data_bytes));
  SafetensorsHeader contents = {.tensors = {}, .metadata = std::move(parsed.metadata)};
  contents.tensors.reserve(parsed.entries.size());
  for (Entry& entry : parsed.entries) {
    const absl::string_view bytes =
        data.empty() ? data : data.substr(entry.begin, entry.end - entry.begin);
    contents.tensors.emplace(
        std::move(entry.name),
        TensorView{.type = entry.type, .shape = std::move(entry.shape), .bytes = bytes});
  }
  return contents;
}

absl::StatusOr<SafetensorsHeader> ParseFile(absl::string_view bytes) {
  DARKROOM_ASSIGN_OR_RETURN(const std::uint64_t length, HeaderLength(bytes, bytes.size()));
  const absl::string_view data = bytes.substr(kLengthBytes + length);
  return ParseContents(bytes.substr(kLengthBytes, length), data, data.size());
}

absl::StatusOr<SafetensorsHeader> ParseStart(std::istream& file, std::uint64_t file_bytes) {
  std::string text(kLengthBytes, '\0');
  if (!file.read(text.data(), kLengthBytes)) text.clear();
  DARKROOM_ASSIGN_OR_RETURN(const std::uint64_t length, HeaderLength(text, file_bytes));
  text.resize(length);
  if (!file.read(text.data(), static_cast<std::streamsize>(length))) {
    return absl::InvalidArgumentError("the header is longer than the file");
  }
  return ParseContents(text, {}, file_bytes - kLengthBytes - length);
}

absl::Status InFile(const std::filesystem::path& path, const absl::Status& status) {
  return absl::InvalidArgumentError(absl::StrCat(path.string(), ": ", status.message()));
}

}  // namespace

absl::StatusOr<SafetensorsFile> SafetensorsFile::Open(const std::filesystem::path& path) {
  DARKROOM_ASSIGN_OR_RETURN(MappedFile file, MappedFile::Open(path));
  absl::StatusOr<SafetensorsHeader> contents = ParseFile(file.bytes());
  if (!contents.ok()) return InFile(path, contents.status());
  return SafetensorsFile(path.string(), std::move(file), std::move(contents->tensors));
}

absl::StatusOr<SafetensorsHeader> ReadSafetensorsHeader(const std::filesystem::path& path) {
  std::error_code error;
  const std::uint64_t size = std::filesystem::file_size(path, error);
  if (error) return absl::ErrnoToStatus(error.value(), absl::StrCat("stat ", path.string()));
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::ErrnoToStatus(errno, absl::StrCat("open ", path.string()));
  absl::StatusOr<SafetensorsHeader> header = ParseStart(file, size);
  if (!header.ok()) return InFile(path, header.status());
  return header;
}

}  // namespace darkroom::diffusion
