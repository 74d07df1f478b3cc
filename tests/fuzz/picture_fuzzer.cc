// Reads arbitrary bytes as a picture file, and checks that what is decoded is what the header has
// said.

#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "picture/decode.h"
#include "picture/header.h"
#include "tests/fuzz/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const absl::string_view file(reinterpret_cast<const char*>(data), size);
  const auto header = darkroom::picture::ReadHeader(file);
  constexpr std::int64_t kFewPixels = 1 << 20;  // so that there are many runs a second
  if (header.ok() && std::int64_t{header->width()} * header->height() > kFewPixels) return 0;
  const auto image = darkroom::picture::DecodePicture(file);
  CHECK(header.ok() || !image.ok());
  if (!image.ok()) return 0;
  CHECK(image->width == header->width() && image->height == header->height());
  CHECK(image->pixels.size() == std::size_t{3} * image->width * image->height);
  return 0;
}
