#include "tests/integration/png_check.h"

#include <png.h>

#include <cstdint>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace darkroom::testing {
namespace {

constexpr std::size_t kSignature = 8;
constexpr std::size_t kChunkOverhead = 12;  // length, type, CRC

std::uint32_t BigEndian(absl::string_view bytes) {
  std::uint32_t value = 0;
  for (int i = 0; i < 4; ++i) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

// The text of a tEXt or uncompressed iTXt chunk with the keyword "parameters" (PNG 1.2, §4.2.3).
std::string FindParameters(absl::string_view png) {
  png.remove_prefix(kSignature);
  while (png.size() >= kChunkOverhead) {
    const std::size_t length = BigEndian(png);
    if (length > png.size() - kChunkOverhead) return "";
    const absl::string_view type = png.substr(4, 4);
    absl::string_view data = png.substr(8, length);
    if (absl::ConsumePrefix(&data, absl::string_view("parameters\0", 11))) {
      if (type == "tEXt") return std::string(data);
      // Compression flag and method, then an empty language tag and translated keyword.
      if (type == "iTXt") return std::string(data.substr(4));
    }
    png.remove_prefix(length + kChunkOverhead);
  }
  return "";
}

}  // namespace

absl::StatusOr<DecodedPng> DecodePng(absl::string_view bytes) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  if (png_image_begin_read_from_memory(&image, bytes.data(), bytes.size()) == 0) {
    return absl::DataLossError(absl::StrCat("libpng: ", image.message));
  }
  image.format = PNG_FORMAT_RGB;
  DecodedPng decoded;
  decoded.pixels.resize(PNG_IMAGE_SIZE(image));
  decoded.width = static_cast<int>(image.width);
  decoded.height = static_cast<int>(image.height);
  if (png_image_finish_read(&image, nullptr, decoded.pixels.data(), 0, nullptr) == 0) {
    return absl::DataLossError(absl::StrCat("libpng: ", image.message));
  }
  decoded.parameters = FindParameters(bytes);
  return decoded;
}

}  // namespace darkroom::testing
