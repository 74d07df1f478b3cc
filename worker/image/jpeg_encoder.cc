#include "worker/image/jpeg_encoder.h"

// jpeglib.h needs FILE and size_t declared before it.
// clang-format off
#include <cstdio>
#include <cstdlib>

#include <jpeglib.h>
// clang-format on

#include <algorithm>
#include <csetjmp>
#include <cstdint>

#include "absl/strings/str_cat.h"

namespace darkroom::worker {
namespace {

constexpr int kQualities[] = {85, 70, 55, 40};

// libjpeg reports errors through a function that must not return.
struct ErrorManager {
  jpeg_error_mgr base;
  std::jmp_buf escape;
  char message[JMSG_LENGTH_MAX];
};

[[noreturn]] void Escape(j_common_ptr codec) {
  auto* manager = reinterpret_cast<ErrorManager*>(codec->err);
  (*codec->err->format_message)(codec, manager->message);
  std::longjmp(manager->escape, 1);
}

// Fills *out, a malloc'ed buffer. Holds nothing with a destructor, since errors jump over them.
bool Compress(const RgbImage& image, int quality, ErrorManager& manager, unsigned char** out,
              unsigned long* size) {
  jpeg_compress_struct codec;
  codec.err = jpeg_std_error(&manager.base);
  manager.base.error_exit = Escape;
  if (setjmp(manager.escape) != 0) {
    jpeg_destroy_compress(&codec);
    return false;
  }
  jpeg_create_compress(&codec);
  jpeg_mem_dest(&codec, out, size);
  codec.image_width = static_cast<JDIMENSION>(image.width);
  codec.image_height = static_cast<JDIMENSION>(image.height);
  codec.input_components = 3;
  codec.in_color_space = JCS_RGB;
  jpeg_set_defaults(&codec);
  jpeg_set_quality(&codec, quality, TRUE);
  jpeg_start_compress(&codec, TRUE);
  while (codec.next_scanline < codec.image_height) {
    const std::size_t offset = static_cast<std::size_t>(codec.next_scanline) * image.width * 3;
    // libjpeg does not write to its input.
    JSAMPROW row = const_cast<JSAMPROW>(image.pixels.data() + offset);
    jpeg_write_scanlines(&codec, &row, 1);
  }
  jpeg_finish_compress(&codec);
  jpeg_destroy_compress(&codec);
  return true;
}

absl::StatusOr<std::string> Encode(const RgbImage& image, int quality) {
  ErrorManager manager;
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  const bool done = Compress(image, quality, manager, &bytes, &size);
  std::string jpeg;
  if (done) jpeg.assign(reinterpret_cast<const char*>(bytes), size);
  std::free(bytes);
  if (!done) return absl::InternalError(absl::StrCat("libjpeg: ", manager.message));
  return jpeg;
}

// Each pixel the mean of up to four.
RgbImage Halve(const RgbImage& image) {
  RgbImage half{(image.width + 1) / 2, (image.height + 1) / 2, {}};
  half.pixels.reserve(static_cast<std::size_t>(half.width) * half.height * 3);
  for (int y = 0; y < half.height; ++y) {
    const int bottom = std::min(2 * y + 1, image.height - 1);
    for (int x = 0; x < half.width; ++x) {
      const int right = std::min(2 * x + 1, image.width - 1);
      for (int c = 0; c < 3; ++c) {
        const auto at = [&](int column, int row) {
          return image.pixels[(static_cast<std::size_t>(row) * image.width + column) * 3 + c];
        };
        const int sum = at(2 * x, 2 * y) + at(right, 2 * y) + at(2 * x, bottom) + at(right, bottom);
        half.pixels.push_back(static_cast<std::uint8_t>((sum + 2) / 4));
      }
    }
  }
  return half;
}

}  // namespace

absl::StatusOr<std::string> EncodePreview(const RgbImage& image, std::size_t max_bytes) {
  if (image.width <= 0 || image.height <= 0 ||
      image.pixels.size() != static_cast<std::size_t>(image.width) * image.height * 3) {
    return absl::InvalidArgumentError(absl::StrCat("not a picture of ", image.width, " x ",
                                                   image.height, ": ", image.pixels.size(),
                                                   " bytes"));
  }
  for (RgbImage picture = image;; picture = Halve(picture)) {
    for (int quality : kQualities) {
      absl::StatusOr<std::string> jpeg = Encode(picture, quality);
      if (!jpeg.ok() || jpeg->size() <= max_bytes) return jpeg;
    }
    if (picture.width == 1 && picture.height == 1) {
      return absl::ResourceExhaustedError(absl::StrCat("no JPEG fits in ", max_bytes, " bytes"));
    }
  }
}

}  // namespace darkroom::worker
