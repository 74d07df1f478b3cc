#ifndef DARKROOM_PICTURE_HEADER_H_
#define DARKROOM_PICTURE_HEADER_H_

#include <cstddef>
#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace darkroom::picture {

// What is taken of a file that somebody sends.
inline constexpr std::size_t kMaxFileBytes = std::size_t{15} << 20;
inline constexpr std::int64_t kMaxPixels = std::int64_t{4096} * 4096;
inline constexpr int kMaxSide = 16'384;
// Of the longer to the shorter side: cutting a picture to size makes it larger by this first.
inline constexpr int kMaxAspect = 16;

enum class Format { kPng, kJpeg, kWebp };

// What the first bytes of a file say, before anything of it is decoded.
struct Header {
  Format format = Format::kPng;
  int stored_width = 0;  // pixels, as the rows lie in the file
  int stored_height = 0;
  int orientation = 1;  // ReadOrientation

  // As the picture is to be seen.
  int width() const { return turned() ? stored_height : stored_width; }
  int height() const { return turned() ? stored_width : stored_height; }
  bool turned() const { return orientation >= 5; }
};

// Recognises a file by its content. INVALID_ARGUMENT, in words that follow the name of a field ("is
// neither a PNG, a JPEG nor a WebP file"), for every other file, one that says no size, and one
// above the limits. Looks at the structure alone: the file may still turn out to be damaged. Takes
// linear time, allocates nothing.
absl::StatusOr<Header> ReadHeader(absl::string_view file);

}  // namespace darkroom::picture

#endif  // DARKROOM_PICTURE_HEADER_H_
