#include "worker/image/png_encoder.h"

#include <libdeflate.h>

#include <cstdint>
#include <memory>
#include <optional>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"

namespace darkroom::worker {
namespace {

constexpr absl::string_view kSignature("\x89PNG\r\n\x1a\n", 8);
constexpr int kCompressionLevel = 1;
constexpr int kBytesPerPixel = 3;
constexpr std::uint8_t kSubFilter = 1;

void AppendBigEndian(std::string& out, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift & 0xff);
}

void AppendChunk(std::string& out, absl::string_view type, absl::string_view data) {
  AppendBigEndian(out, static_cast<std::uint32_t>(data.size()));
  const std::size_t checked = out.size();
  absl::StrAppend(&out, type, data);
  AppendBigEndian(out, libdeflate_crc32(0, out.data() + checked, out.size() - checked));
}

std::string Header(const RgbImage& image) {
  std::string header;
  AppendBigEndian(header, static_cast<std::uint32_t>(image.width));
  AppendBigEndian(header, static_cast<std::uint32_t>(image.height));
  // Bit depth 8, colour type 2 (RGB), deflate, adaptive filters, not interlaced.
  return header + std::string("\x08\x02\x00\x00\x00", 5);
}

// Bytes of a UTF-8 sequence that begins with this one; 0 when none does.
std::size_t SequenceLength(std::uint8_t first) {
  if (first < 0x80) return 1;
  if (first < 0xc2) return 0;
  if (first < 0xe0) return 2;
  if (first < 0xf0) return 3;
  return first < 0xf5 ? 4 : 0;
}

// The next code point of UTF-8 text, which loses its bytes; nothing at a malformed sequence.
std::optional<char32_t> TakeCodePoint(absl::string_view& text) {
  const auto byte = [&text](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t first = byte(0);
  const std::size_t length = SequenceLength(first);
  if (length == 0 || text.size() < length) return std::nullopt;
  char32_t point = length == 1 ? first : first & (0xff >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return std::nullopt;
    point = point << 6 | (byte(i) & 0x3f);
  }
  text.remove_prefix(length);
  return point;
}

struct Text {
  std::string utf8;
  std::string latin1;
  bool fits_latin1 = true;
};

absl::StatusOr<Text> ParseText(absl::string_view utf8) {
  Text text;
  while (!utf8.empty()) {
    const absl::string_view before = utf8;
    const std::optional<char32_t> point = TakeCodePoint(utf8);
    if (!point.has_value()) return absl::InvalidArgumentError("the parameters are not UTF-8");
    if (*point == 0) continue;
    absl::StrAppend(&text.utf8, before.substr(0, before.size() - utf8.size()));
    if (*point > 0xff) {
      text.fits_latin1 = false;
    } else {
      text.latin1 += static_cast<char>(*point);
    }
  }
  return text;
}

absl::Status AppendText(std::string& out, absl::string_view parameters) {
  DARKROOM_ASSIGN_OR_RETURN(const Text text, ParseText(parameters));
  if (text.utf8.empty()) return absl::OkStatus();
  constexpr absl::string_view kKeyword("parameters\0", 11);
  if (text.fits_latin1) {
    AppendChunk(out, "tEXt", absl::StrCat(kKeyword, text.latin1));
  } else {
    // Not compressed, no language tag, no translated keyword.
    constexpr absl::string_view kPlain("\0\0\0\0", 4);
    AppendChunk(out, "iTXt", absl::StrCat(kKeyword, kPlain, text.utf8));
  }
  return absl::OkStatus();
}

// Every row: the filter's number, then each byte less the one of the pixel to its left.
std::string Filter(const RgbImage& image) {
  const std::size_t stride = static_cast<std::size_t>(image.width) * kBytesPerPixel;
  std::string filtered((stride + 1) * image.height, '\0');
  char* out = filtered.data();
  for (int y = 0; y < image.height; ++y) {
    const std::uint8_t* row = image.pixels.data() + y * stride;
    *out++ = kSubFilter;
    for (std::size_t i = 0; i < stride; ++i) {
      const std::uint8_t left = i < kBytesPerPixel ? 0 : row[i - kBytesPerPixel];
      *out++ = static_cast<char>(row[i] - left);
    }
  }
  return filtered;
}

absl::StatusOr<std::string> Compress(absl::string_view bytes) {
  const std::unique_ptr<libdeflate_compressor, void (*)(libdeflate_compressor*)> compressor(
      libdeflate_alloc_compressor(kCompressionLevel), libdeflate_free_compressor);
  if (compressor == nullptr) return absl::ResourceExhaustedError("no memory for a compressor");
  std::string out(libdeflate_zlib_compress_bound(compressor.get(), bytes.size()), '\0');
  out.resize(libdeflate_zlib_compress(compressor.get(), bytes.data(), bytes.size(), out.data(),
                                      out.size()));
  return out;
}

}  // namespace

absl::StatusOr<std::string> EncodePng(const RgbImage& image, absl::string_view parameters) {
  if (image.width <= 0 || image.height <= 0 ||
      image.pixels.size() !=
          static_cast<std::size_t>(image.width) * image.height * kBytesPerPixel) {
    return absl::InvalidArgumentError(absl::StrCat("not a picture of ", image.width, " x ",
                                                   image.height, ": ", image.pixels.size(),
                                                   " bytes"));
  }
  DARKROOM_ASSIGN_OR_RETURN(const std::string data, Compress(Filter(image)));
  std::string png(kSignature);
  AppendChunk(png, "IHDR", Header(image));
  DARKROOM_RETURN_IF_ERROR(AppendText(png, parameters));
  AppendChunk(png, "IDAT", data);
  AppendChunk(png, "IEND", "");
  return png;
}

}  // namespace darkroom::worker
