#include "cli/grid/png_decoder.h"

#include <png.h>

#include <cstdint>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"

namespace darkroom::cli {
namespace {

constexpr std::uint64_t kMaxPixels = 100'000'000;

}  // namespace

absl::StatusOr<RgbImage> DecodePng(absl::string_view png) {
  png_image file{};
  file.version = PNG_IMAGE_VERSION;
  if (png_image_begin_read_from_memory(&file, png.data(), png.size()) == 0) {
    return absl::DataLossError(absl::StrCat("cannot read the PNG: ", file.message));
  }
  const absl::Cleanup free = [&file] { png_image_free(&file); };
  if (std::uint64_t{file.width} * file.height > kMaxPixels) {
    return absl::ResourceExhaustedError(
        absl::StrCat("a picture of ", file.width, "x", file.height, " pixels is too large"));
  }
  file.format = PNG_FORMAT_RGB;
  RgbImage image{static_cast<int>(file.width), static_cast<int>(file.height), {}};
  image.pixels.resize(PNG_IMAGE_SIZE(file));
  if (png_image_finish_read(&file, nullptr, image.pixels.data(), 0, nullptr) == 0) {
    return absl::DataLossError(absl::StrCat("cannot read the PNG: ", file.message));
  }
  return image;
}

}  // namespace darkroom::cli
