#ifndef DARKROOM_CLI_GRID_COMPOSE_H_
#define DARKROOM_CLI_GRID_COMPOSE_H_

#include <array>
#include <string>
#include <variant>
#include <vector>

#include "cli/grid/font.h"
#include "common/rgb_image.h"

namespace darkroom::cli {

// A cell's picture, or why there is none.
using GridCell = std::variant<RgbImage, std::string>;

// What is drawn: the labels of the axes x, y and z (one empty label where an axis is not there) and
// the cells, x fastest and z slowest.
struct GridContent {
  std::array<std::vector<std::string>, 3> labels;
  std::vector<GridCell> cells;
};

// The most pixels of a grid's cells together.
inline constexpr double kMaxGridPixels = 100e6;

// Draws the grid, dark on white. All cells are made smaller by a whole factor where they would have
// more than `max_pixels`. Cells are as large as the largest picture, the others stand in
// their middle; a cell without a picture is grey and holds its reason. Long labels are wrapped,
// then drawn smaller, then cut.
RgbImage ComposeGrid(const GridContent& content, Font& font, double max_pixels = kMaxGridPixels);

}  // namespace darkroom::cli

#endif  // DARKROOM_CLI_GRID_COMPOSE_H_
