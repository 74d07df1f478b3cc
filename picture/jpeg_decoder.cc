// jpeglib.h needs FILE and size_t declared before it.
// clang-format off
#include <cstdio>
#include <cstdlib>

#include <jpeglib.h>
#include <jerror.h>
// clang-format on

#include <csetjmp>
#include <cstddef>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "picture/codecs.h"

namespace darkroom::picture {
namespace {

// libjpeg reports errors through a function that must not return.
struct ErrorManager {
  jpeg_error_mgr base;
  std::jmp_buf escape;
  char message[JMSG_LENGTH_MAX];
};

[[noreturn]] void Fail(j_common_ptr codec) {
  auto* manager = reinterpret_cast<ErrorManager*>(codec->err);
  (*codec->err->format_message)(codec, manager->message);
  std::longjmp(manager->escape, 1);
}

// libjpeg fills up what is missing; a picture that is cut off is no picture to begin with.
void Warn(j_common_ptr codec, int level) {
  if (level >= 0) return;
  const int code = codec->err->msg_code;
  if (code == JWRN_JPEG_EOF || code == JWRN_HIT_MARKER) Fail(codec);
}

bool SetMessage(ErrorManager& manager, const char* message) {
  std::snprintf(manager.message, sizeof(manager.message), "%s", message);
  return false;
}

// Fills `image`, which has the header's size. Holds nothing with a destructor, since errors jump
// over them; the caller destroys the codec.
bool ReadRows(absl::string_view file, const Header& header, jpeg_decompress_struct& codec,
              ErrorManager& manager, unsigned char* pixels) {
  if (setjmp(manager.escape) != 0) return false;
  jpeg_create_decompress(&codec);
  jpeg_mem_src(&codec, reinterpret_cast<const unsigned char*>(file.data()), file.size());
  jpeg_read_header(&codec, TRUE);
  if (codec.image_width != static_cast<JDIMENSION>(header.stored_width) ||
      codec.image_height != static_cast<JDIMENSION>(header.stored_height)) {
    return SetMessage(manager, "it has two sizes");
  }
  if (codec.jpeg_color_space == JCS_CMYK || codec.jpeg_color_space == JCS_YCCK) {
    return SetMessage(manager, "CMYK colours are not taken; save it in RGB");
  }
  codec.out_color_space = JCS_EXT_RGBA;
  jpeg_start_decompress(&codec);
  const std::size_t stride = std::size_t{4} * codec.output_width;
  while (codec.output_scanline < codec.output_height) {
    JSAMPROW row = pixels + codec.output_scanline * stride;
    jpeg_read_scanlines(&codec, &row, 1);
  }
  jpeg_finish_decompress(&codec);
  return true;
}

}  // namespace

absl::StatusOr<RgbaImage> DecodeJpeg(absl::string_view file, const Header& header) {
  RgbaImage image{.width = header.stored_width, .height = header.stored_height, .pixels = {}};
  image.pixels.resize(std::size_t{4} * image.width * image.height);
  ErrorManager manager;
  jpeg_decompress_struct codec = {};
  codec.err = jpeg_std_error(&manager.base);
  manager.base.error_exit = Fail;
  manager.base.emit_message = Warn;
  const bool done = ReadRows(file, header, codec, manager, image.pixels.data());
  jpeg_destroy_decompress(&codec);
  if (!done) return absl::InvalidArgumentError(absl::StrCat("cannot be read: ", manager.message));
  return image;
}

}  // namespace darkroom::picture
