#ifndef DARKROOM_CLI_GRID_GRID_INFOTEXT_H_
#define DARKROOM_CLI_GRID_GRID_INFOTEXT_H_

#include <array>
#include <string>

#include "absl/strings/string_view.h"
#include "cli/grid/plan.h"

namespace darkroom::cli {

// The text that travels with a grid: that of its first picture, and what A1111's X/Y/Z plot adds,
// from which it can be drawn again: "Script: X/Y/Z plot, X Type: Steps, X Values: "5,10,20"".
std::string GridInfotext(absl::string_view first_picture, const GridAxes& axes);

// The other way round, of A1111's grids too.
struct GridText {
  std::string first_picture;  // the text without what is said of a grid
  std::array<std::string, 3>
      axes;  // as ParseAxis reads them, with drawn seeds; empty where none is
};
GridText SplitGridInfotext(absl::string_view infotext);

}  // namespace darkroom::cli

#endif  // DARKROOM_CLI_GRID_GRID_INFOTEXT_H_
