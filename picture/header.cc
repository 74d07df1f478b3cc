#include "picture/header.h"

#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "picture/exif.h"

namespace darkroom::picture {
namespace {

using absl::string_view;

constexpr string_view kPngSignature("\x89PNG\r\n\x1a\n", 8);

// Takes numbers and blocks off the front of a text; what is not there is 0 or empty.
class Cursor {
 public:
  explicit Cursor(string_view rest) : rest_(rest) {}

  bool empty() const { return rest_.empty(); }
  string_view Take(std::size_t bytes) {
    const string_view taken = rest_.substr(0, bytes);
    rest_.remove_prefix(taken.size());
    return taken;
  }
  std::uint32_t Big(std::size_t bytes) {
    std::uint32_t value = 0;
    for (const char c : Take(bytes)) value = value << 8 | static_cast<unsigned char>(c);
    return value;
  }
  std::uint32_t Little(std::size_t bytes) {
    const string_view taken = Take(bytes);
    std::uint32_t value = 0;
    for (std::size_t i = taken.size(); i-- > 0;) {
      value = value << 8 | static_cast<unsigned char>(taken[i]);
    }
    return value;
  }

 private:
  string_view rest_;
};

struct Size {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
};

struct Found {
  Size size;
  int orientation = 1;
};

// PNG specification, section 5.
std::optional<Found> ScanPng(string_view file) {
  Cursor cursor(file.substr(kPngSignature.size()));
  std::optional<Found> found;
  while (!cursor.empty()) {
    const std::uint32_t length = cursor.Big(4);
    const string_view type = cursor.Take(4);
    const string_view data = cursor.Take(length);
    cursor.Take(4);  // checksum
    if (!found.has_value()) {
      if (type != "IHDR") return std::nullopt;
      Cursor header(data);
      const std::uint32_t width = header.Big(4);
      found = Found{.size = {width, header.Big(4)}};
    } else if (type == "eXIf") {
      found->orientation = ReadOrientation(data);
    }
  }
  return found;
}

bool IsFrame(std::uint32_t marker) {
  return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

// ITU-T T.81, annex B: segments up to the first scan.
std::optional<Found> ScanJpeg(string_view file) {
  constexpr std::uint32_t kStartOfScan = 0xDA;
  constexpr std::uint32_t kApp1 = 0xE1;
  Cursor cursor(file.substr(2));
  std::optional<Found> found;
  int orientation = 1;
  while (!cursor.empty()) {
    if (cursor.Big(1) != 0xFF) return std::nullopt;
    std::uint32_t marker = cursor.Big(1);
    while (marker == 0xFF) marker = cursor.Big(1);
    if (marker == kStartOfScan || marker == 0) break;
    if (marker == 0x01 || (marker >= 0xD0 && marker <= 0xD9)) continue;  // stands alone
    const std::uint32_t length = cursor.Big(2);
    if (length < 2) return std::nullopt;
    const string_view data = cursor.Take(length - 2);
    if (IsFrame(marker) && !found.has_value()) {
      Cursor frame(data);
      frame.Take(1);  // precision
      const std::uint32_t height = frame.Big(2);
      found = Found{.size = {frame.Big(2), height}};
    } else if (marker == kApp1 && absl::StartsWith(data, string_view("Exif\0\0", 6))) {
      orientation = ReadOrientation(data);
    }
  }
  if (found.has_value()) found->orientation = orientation;
  return found;
}

// RFC 6386, section 9.1.
std::optional<Size> SizeOfVp8(string_view data) {
  Cursor cursor(data);
  cursor.Take(3);  // frame tag
  if (cursor.Take(3) != "\x9d\x01\x2a") return std::nullopt;
  const std::uint32_t width = cursor.Little(2) & 0x3FFF;
  return Size{width, cursor.Little(2) & 0x3FFF};
}

// "WebP Lossless Bitstream Specification", section 3.
std::optional<Size> SizeOfVp8l(string_view data) {
  Cursor cursor(data);
  if (cursor.Take(1) != "\x2f") return std::nullopt;
  const std::uint32_t bits = cursor.Little(4);
  return Size{(bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1};
}

std::optional<Size> SizeOfCanvas(string_view data) {
  Cursor cursor(data);
  cursor.Take(4);  // flags
  const std::uint32_t width = cursor.Little(3) + 1;
  return Size{width, cursor.Little(3) + 1};
}

// "WebP Container Specification": chunks, the picture's or the canvas' first.
std::optional<Found> ScanWebp(string_view file) {
  Cursor cursor(file.substr(12));
  std::optional<Found> found;
  while (!cursor.empty()) {
    const string_view type = cursor.Take(4);
    const std::uint32_t length = cursor.Little(4);
    const string_view data = cursor.Take(length);
    cursor.Take(length % 2);
    if (!found.has_value()) {
      const std::optional<Size> size = type == "VP8 "   ? SizeOfVp8(data)
                                       : type == "VP8L" ? SizeOfVp8l(data)
                                       : type == "VP8X" ? SizeOfCanvas(data)
                                                        : std::nullopt;
      if (!size.has_value()) return std::nullopt;
      found = Found{.size = *size};
    } else if (type == "EXIF") {
      found->orientation = ReadOrientation(data);
    }
  }
  return found;
}

}  // namespace

absl::StatusOr<Header> ReadHeader(string_view file) {
  if (file.size() > kMaxFileBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("has ", file.size(), " bytes; at most ", kMaxFileBytes, " are allowed"));
  }
  Header header;
  std::optional<Found> found;
  if (absl::StartsWith(file, kPngSignature)) {
    found = ScanPng(file);
  } else if (absl::StartsWith(file, "\xFF\xD8\xFF")) {
    header.format = Format::kJpeg;
    found = ScanJpeg(file);
  } else if (absl::StartsWith(file, "RIFF") && absl::ClippedSubstr(file, 8, 4) == "WEBP") {
    header.format = Format::kWebp;
    found = ScanWebp(file);
  } else {
    return absl::InvalidArgumentError("is neither a PNG, a JPEG nor a WebP file");
  }
  if (!found.has_value() || found->size.width == 0 || found->size.height == 0) {
    return absl::InvalidArgumentError("is damaged: it does not say how large the picture is");
  }
  const auto [width, height] = found->size;
  if (width > kMaxSide || height > kMaxSide || std::int64_t{width} * height > kMaxPixels) {
    return absl::InvalidArgumentError(absl::StrCat(
        "is a picture of ", width, " x ", height, " pixels; at most ", kMaxPixels, ", and ",
        kMaxSide, " a side, are allowed: make it smaller before it is sent"));
  }
  if (width > kMaxAspect * height || height > kMaxAspect * width) {
    return absl::InvalidArgumentError(absl::StrCat("is a picture of ", width, " x ", height,
                                                   " pixels, more than ", kMaxAspect,
                                                   " times as long as it is wide; cut it first"));
  }
  header.stored_width = static_cast<int>(width);
  header.stored_height = static_cast<int>(height);
  header.orientation = found->orientation;
  return header;
}

}  // namespace darkroom::picture
