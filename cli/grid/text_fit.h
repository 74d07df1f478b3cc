#ifndef DARKROOM_CLI_GRID_TEXT_FIT_H_
#define DARKROOM_CLI_GRID_TEXT_FIT_H_

#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"

namespace darkroom::cli {

// The room that a label has, in pixels, and the sizes that its letters may have.
struct TextRoom {
  int width = 0;
  int height = 0;
  int largest = 0;   // size of the letters; at least `smallest`
  int smallest = 0;  // at least 1
};

// A text broken into lines.
struct FittedText {
  std::vector<std::string> lines;
  int letters = 0;  // size of the letters, pixels
  int width = 0;    // of the widest line, pixels
  int height = 0;   // pixels
};

// Pixels between the baselines of letters of this size.
int LineHeight(int letters);

// Width in pixels of a text on one line in letters of a size.
using TextWidth = absl::FunctionRef<int(absl::string_view text, int letters)>;

// Breaks a text between words, in letters as large as fit. Where even the smallest do not, words
// are broken too, and what is still too much ends in "…". Without characters there are no lines.
FittedText FitText(absl::string_view text, const TextRoom& room, TextWidth width_of);

}  // namespace darkroom::cli

#endif  // DARKROOM_CLI_GRID_TEXT_FIT_H_
