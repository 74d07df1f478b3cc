#include "picture/exif.h"

#include <cstddef>
#include <cstdint>

#include "absl/strings/match.h"
#include "absl/strings/strip.h"

namespace darkroom::picture {
namespace {

using absl::string_view;

constexpr int kUpright = 1;
constexpr std::uint32_t kOrientationTag = 0x0112;
constexpr std::uint32_t kShortType = 3;
constexpr std::size_t kEntryBytes = 12;

// A number of `size` bytes at `at`; 0 beyond the end.
std::uint32_t NumberAt(string_view tiff, std::size_t at, std::size_t size, bool little_endian) {
  if (at > tiff.size() || tiff.size() - at < size) return 0;
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < size; ++i) {
    const std::size_t place = little_endian ? size - 1 - i : i;
    value = value << 8 | static_cast<unsigned char>(tiff[at + place]);
  }
  return value;
}

}  // namespace

int ReadOrientation(string_view tiff) {
  absl::ConsumePrefix(&tiff, string_view("Exif\0\0", 6));
  const bool little_endian = absl::StartsWith(tiff, "II");
  if (!little_endian && !absl::StartsWith(tiff, "MM")) return kUpright;
  const auto number = [&](std::size_t at, std::size_t size) {
    return NumberAt(tiff, at, size, little_endian);
  };
  const std::size_t directory = number(4, 4);
  const std::size_t entries = number(directory, 2);
  for (std::size_t i = 0; i < entries; ++i) {
    const std::size_t entry = directory + 2 + i * kEntryBytes;
    if (entry >= tiff.size()) break;
    if (number(entry, 2) != kOrientationTag || number(entry + 2, 2) != kShortType) continue;
    const auto value = static_cast<int>(number(entry + 8, 2));
    return value >= 1 && value <= 8 ? value : kUpright;
  }
  return kUpright;
}

}  // namespace darkroom::picture
