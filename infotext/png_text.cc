#include "infotext/png_text.h"

#include <libdeflate.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/strip.h"
#include "common/status_macros.h"

namespace darkroom::infotext {
namespace {

constexpr absl::string_view kSignature("\x89PNG\r\n\x1a\n", 8);
constexpr absl::string_view kKeyword("parameters\0", 11);
constexpr std::size_t kWordBytes = 4;

struct Chunk {
  absl::string_view type;
  absl::string_view data;
};

std::uint32_t BigEndian(absl::string_view bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < kWordBytes; ++i) {
    value = value << 8 | static_cast<std::uint8_t>(bytes[i]);
  }
  return value;
}

// The next chunk of a file, which loses its bytes.
absl::StatusOr<Chunk> TakeChunk(absl::string_view* png) {
  constexpr std::size_t kFraming = 3 * kWordBytes;  // length, type, checksum
  if (png->size() < kFraming) return absl::InvalidArgumentError("the PNG file is cut off");
  const std::size_t size = BigEndian(*png);
  if (size > png->size() - kFraming) {
    return absl::InvalidArgumentError("a chunk of the PNG file is longer than the file");
  }
  const absl::string_view checked = png->substr(kWordBytes, kWordBytes + size);
  const std::uint32_t checksum = BigEndian(png->substr(kWordBytes + checked.size()));
  if (libdeflate_crc32(0, checked.data(), checked.size()) != checksum) {
    return absl::InvalidArgumentError("a chunk of the PNG file has a wrong checksum");
  }
  png->remove_prefix(kFraming + size);
  return Chunk{.type = checked.substr(0, kWordBytes), .data = checked.substr(kWordBytes)};
}

absl::Status CheckLength(absl::string_view text) {
  if (text.size() <= kMaxPngTextBytes) return absl::OkStatus();
  return absl::InvalidArgumentError("the parameters in the PNG file are too long");
}

absl::StatusOr<std::string> Inflate(absl::string_view data) {
  const std::unique_ptr<libdeflate_decompressor, void (*)(libdeflate_decompressor*)> decompressor(
      libdeflate_alloc_decompressor(), libdeflate_free_decompressor);
  if (decompressor == nullptr) return absl::ResourceExhaustedError("no memory for a decompressor");
  // Most texts shrink to a third: the largest buffer is for those that do not.
  std::string text(std::min(4 * data.size() + 64, kMaxPngTextBytes), '\0');
  std::size_t size = 0;
  const auto decompress = [&] {
    return libdeflate_zlib_decompress(decompressor.get(), data.data(), data.size(), text.data(),
                                      text.size(), &size);
  };
  libdeflate_result result = decompress();
  if (result == LIBDEFLATE_INSUFFICIENT_SPACE && text.size() < kMaxPngTextBytes) {
    text.resize(kMaxPngTextBytes);
    result = decompress();
  }
  if (result != LIBDEFLATE_SUCCESS) {
    return absl::InvalidArgumentError(
        "the parameters in the PNG file are too long or cannot be decompressed");
  }
  text.resize(size);
  return text;
}

std::string Latin1ToUtf8(absl::string_view latin1) {
  std::string utf8;
  for (const char c : latin1) {
    const auto point = static_cast<std::uint8_t>(c);
    if (point < 0x80) {
      utf8 += c;
    } else {
      utf8 += static_cast<char>(0xc0 | (point >> 6));
      utf8 += static_cast<char>(0x80 | (point & 0x3f));
    }
  }
  return utf8;
}

// Bytes of the well-formed sequence that a text begins with (Unicode, table 3-7); 0 for none.
std::size_t SequenceLength(absl::string_view text) {
  const auto byte = [text](std::size_t i) {
    return i < text.size() ? static_cast<std::uint8_t>(text[i]) : std::uint8_t{0};
  };
  const auto tails = [&](std::size_t count, std::uint8_t low, std::uint8_t high) -> std::size_t {
    if (byte(1) < low || byte(1) > high) return 0;
    for (std::size_t i = 2; i <= count; ++i) {
      if ((byte(i) & 0xc0) != 0x80) return 0;
    }
    return count + 1;
  };
  const std::uint8_t first = byte(0);
  if (first < 0x80) return 1;
  if (first < 0xc2) return 0;
  if (first < 0xe0) return tails(1, 0x80, 0xbf);
  if (first < 0xf0) return tails(2, first == 0xe0 ? 0xa0 : 0x80, first == 0xed ? 0x9f : 0xbf);
  if (first < 0xf5) return tails(3, first == 0xf0 ? 0x90 : 0x80, first == 0xf4 ? 0x8f : 0xbf);
  return 0;
}

absl::Status CheckUtf8(absl::string_view text) {
  while (!text.empty()) {
    const std::size_t length = SequenceLength(text);
    if (length == 0) return absl::InvalidArgumentError("the parameters are not UTF-8");
    text.remove_prefix(length);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadLatin1(absl::string_view text) {
  DARKROOM_RETURN_IF_ERROR(CheckLength(text));
  return Latin1ToUtf8(text);
}

// After the keyword: the compression method, which is always 0, and the compressed text.
absl::StatusOr<std::string> ReadCompressedLatin1(absl::string_view data) {
  if (!absl::ConsumePrefix(&data, absl::string_view("\0", 1))) {
    return absl::InvalidArgumentError("unknown compression of the parameters in the PNG file");
  }
  DARKROOM_ASSIGN_OR_RETURN(const std::string text, Inflate(data));
  return Latin1ToUtf8(text);
}

// After the keyword: whether the text is compressed, the method, a language tag and a translated
// keyword, which both end with a zero, and the text.
absl::StatusOr<std::string> ReadUtf8(absl::string_view data) {
  const absl::Status malformed =
      absl::InvalidArgumentError("malformed international text in the PNG file");
  if (data.size() < 2 || (data[0] != 0 && data[0] != 1) || data[1] != 0) return malformed;
  const bool compressed = data[0] == 1;
  data.remove_prefix(2);
  for (int field = 0; field < 2; ++field) {
    const auto end = data.find('\0');
    if (end == absl::string_view::npos) return malformed;
    data.remove_prefix(end + 1);
  }
  std::string text;
  if (compressed) {
    DARKROOM_ASSIGN_OR_RETURN(text, Inflate(data));
  } else {
    DARKROOM_RETURN_IF_ERROR(CheckLength(data));
    text = std::string(data);
  }
  DARKROOM_RETURN_IF_ERROR(CheckUtf8(text));
  return text;
}

// The parameters in a chunk; nothing where it is another one.
absl::StatusOr<std::optional<std::string>> ReadChunk(Chunk chunk) {
  if (!absl::ConsumePrefix(&chunk.data, kKeyword)) return std::nullopt;
  if (chunk.type == "tEXt") return ReadLatin1(chunk.data);
  if (chunk.type == "zTXt") return ReadCompressedLatin1(chunk.data);
  if (chunk.type == "iTXt") return ReadUtf8(chunk.data);
  return std::nullopt;
}

}  // namespace

absl::StatusOr<std::string> ReadPngParameters(absl::string_view png) {
  if (!absl::ConsumePrefix(&png, kSignature)) return absl::InvalidArgumentError("not a PNG file");
  std::optional<std::string> parameters;
  while (true) {
    DARKROOM_ASSIGN_OR_RETURN(const Chunk chunk, TakeChunk(&png));
    if (chunk.type == "IEND") break;
    DARKROOM_ASSIGN_OR_RETURN(std::optional<std::string> text, ReadChunk(chunk));
    if (text.has_value()) parameters = std::move(text);
  }
  if (!parameters.has_value()) return absl::NotFoundError("the PNG file has no parameters");
  return *std::move(parameters);
}

}  // namespace darkroom::infotext
