#include "cli/grid/font.h"

#include <ft2build.h>

#include <algorithm>
#include <cstddef>
#include FT_FREETYPE_H

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "cli/grid/font_data.h"
#include "common/utf8.h"

namespace darkroom::cli {
namespace {

constexpr int kUnits = 64;  // FreeType's distances are in 64ths of a pixel

std::uint8_t Blend(std::uint8_t below, std::uint8_t above, int coverage) {
  constexpr int kFull = 255;
  return static_cast<std::uint8_t>((below * (kFull - coverage) + above * coverage) / kFull);
}

// Lays a glyph's coverage over the image.
void Stamp(const FT_Bitmap& glyph, int left, int top, Colour colour, RgbImage& image) {
  for (int row = 0; row < static_cast<int>(glyph.rows); ++row) {
    const int y = top + row;
    if (y < 0 || y >= image.height) continue;
    for (int column = 0; column < static_cast<int>(glyph.width); ++column) {
      const int x = left + column;
      if (x < 0 || x >= image.width) continue;
      const int coverage = glyph.buffer[row * glyph.pitch + column];
      std::uint8_t* pixel = &image.pixels[(static_cast<std::size_t>(y) * image.width + x) * 3];
      pixel[0] = Blend(pixel[0], colour.red, coverage);
      pixel[1] = Blend(pixel[1], colour.green, coverage);
      pixel[2] = Blend(pixel[2], colour.blue, coverage);
    }
  }
}

}  // namespace

struct Font::Impl {
  ~Impl() {
    if (face != nullptr) FT_Done_Face(face);
    if (library != nullptr) FT_Done_FreeType(library);
  }

  // Calls `place` with each glyph of a line and its left end; returns the line's width.
  int ForEachGlyph(absl::string_view text, int letters, FT_Int32 flags,
                   absl::FunctionRef<void(FT_GlyphSlot, int left)> place) {
    if (FT_Set_Pixel_Sizes(face, 0, static_cast<FT_UInt>(letters)) != 0) return 0;
    int left = 0;
    std::size_t position = 0;
    while (position < text.size()) {
      const char32_t character = DecodeUtf8(text, &position);
      if (FT_Load_Char(face, character, flags) != 0) continue;
      place(face->glyph, left);
      left += static_cast<int>(face->glyph->advance.x / kUnits);
    }
    return left;
  }

  FT_Library library = nullptr;
  FT_Face face = nullptr;
};

Font::Font(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Font::~Font() = default;

absl::StatusOr<std::unique_ptr<Font>> Font::Load() {
  auto impl = std::make_unique<Impl>();
  const absl::string_view data = FontData();
  FT_Error error = FT_Init_FreeType(&impl->library);
  if (error == 0) {
    error = FT_New_Memory_Face(impl->library, reinterpret_cast<const FT_Byte*>(data.data()),
                               static_cast<FT_Long>(data.size()), 0, &impl->face);
  }
  if (error != 0) {
    return absl::InternalError(absl::StrCat("FreeType cannot read the font: error ", error));
  }
  return std::unique_ptr<Font>(new Font(std::move(impl)));
}

int Font::Width(absl::string_view text, int letters) {
  return impl_->ForEachGlyph(text, letters, FT_LOAD_DEFAULT, [](FT_GlyphSlot, int) {});
}

void Font::Draw(absl::string_view text, int letters, int left, int top, Colour colour,
                RgbImage& image) {
  const int baseline = top + letters;  // a line's room is the letters' size and a quarter below
  impl_->ForEachGlyph(text, letters, FT_LOAD_RENDER, [&](FT_GlyphSlot glyph, int offset) {
    Stamp(glyph->bitmap, left + offset + glyph->bitmap_left, baseline - glyph->bitmap_top, colour,
          image);
  });
}

}  // namespace darkroom::cli
