#ifndef DARKROOM_CLI_GRID_FONT_H_
#define DARKROOM_CLI_GRID_FONT_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/rgb_image.h"

namespace darkroom::cli {

struct Colour {
  std::uint8_t red = 0;
  std::uint8_t green = 0;
  std::uint8_t blue = 0;
};

// Letters of the font that is part of the program, drawn by FreeType. Used on one thread.
class Font {
 public:
  // INTERNAL when FreeType does not start or cannot read the font.
  static absl::StatusOr<std::unique_ptr<Font>> Load();
  ~Font();
  Font(const Font&) = delete;
  Font& operator=(const Font&) = delete;

  // Width in pixels of one line of UTF-8 in letters of a size. What the font does not have is a
  // box.
  int Width(absl::string_view text, int letters);
  // Draws the line with its left end at `left` and the top of the line's room (LineHeight) at
  // `top`. What falls outside the image is left out.
  void Draw(absl::string_view text, int letters, int left, int top, Colour colour, RgbImage& image);

 private:
  struct Impl;
  explicit Font(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace darkroom::cli

#endif  // DARKROOM_CLI_GRID_FONT_H_
