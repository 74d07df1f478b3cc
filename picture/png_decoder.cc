#include <png.h>

#include <cstdio>
#include <cstring>
#include <vector>

#include "absl/strings/str_cat.h"
#include "picture/codecs.h"

namespace darkroom::picture {
namespace {

struct Source {
  absl::string_view rest;
  char message[100] = {};
};

[[noreturn]] void Fail(png_structp png, png_const_charp message) {
  auto* source = static_cast<Source*>(png_get_error_ptr(png));
  std::snprintf(source->message, sizeof(source->message), "%s", message);
  png_longjmp(png, 1);
}

void Ignore(png_structp, png_const_charp) {}

void Read(png_structp png, png_bytep out, std::size_t bytes) {
  auto* source = static_cast<Source*>(png_get_io_ptr(png));
  if (source->rest.size() < bytes) png_error(png, "the file ends early");
  std::memcpy(out, source->rest.data(), bytes);
  source->rest.remove_prefix(bytes);
}

// Fills `rows`, each of header.stored_width RGBA pixels. Holds nothing with a destructor, since
// errors jump over them. Gamma and colour profiles are left alone, and of 16 bits the upper 8
// taken, as Pillow does.
bool ReadRows(Source& source, const Header& header, png_structp png, png_infop info,
              png_bytepp rows) {
  if (setjmp(png_jmpbuf(png)) != 0) return false;
  png_set_read_fn(png, &source, Read);
  png_set_user_limits(png, kMaxSide, kMaxSide);
  png_read_info(png, info);
  if (png_get_image_width(png, info) != static_cast<png_uint_32>(header.stored_width) ||
      png_get_image_height(png, info) != static_cast<png_uint_32>(header.stored_height)) {
    png_error(png, "it has two sizes");
  }
  png_set_expand(png);
  png_set_strip_16(png);
  png_set_gray_to_rgb(png);
  png_set_add_alpha(png, 0xFF, PNG_FILLER_AFTER);
  png_set_interlace_handling(png);
  png_read_update_info(png, info);
  if (png_get_rowbytes(png, info) != std::size_t{4} * header.stored_width) {
    png_error(png, "of an unknown kind");
  }
  png_read_image(png, rows);
  png_read_end(png, nullptr);
  return true;
}

}  // namespace

absl::StatusOr<RgbaImage> DecodePng(absl::string_view file, const Header& header) {
  Source source{.rest = file};
  const std::size_t stride = std::size_t{4} * header.stored_width;
  RgbaImage image{.width = header.stored_width, .height = header.stored_height, .pixels = {}};
  image.pixels.resize(stride * image.height);
  std::vector<png_bytep> rows;
  for (int y = 0; y < header.stored_height; ++y) rows.push_back(&image.pixels[y * stride]);
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &source, Fail, Ignore);
  png_infop info = png == nullptr ? nullptr : png_create_info_struct(png);
  const bool done = info != nullptr && ReadRows(source, header, png, info, rows.data());
  png_destroy_read_struct(&png, &info, nullptr);
  if (!done) return absl::InvalidArgumentError(absl::StrCat("is damaged: ", source.message));
  return image;
}

}  // namespace darkroom::picture
