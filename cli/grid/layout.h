#ifndef DARKROOM_CLI_GRID_LAYOUT_H_
#define DARKROOM_CLI_GRID_LAYOUT_H_

#include <vector>

namespace darkroom::cli {

// Pixels from the left and from the top.
struct Rectangle {
  int left = 0;
  int top = 0;
  int width = 0;
  int height = 0;

  friend bool operator==(const Rectangle&, const Rectangle&) = default;
};

// What a grid is made of; sizes in pixels, 0 for labels that are not there.
struct GridShape {
  int columns = 1;
  int rows = 1;
  int blocks = 1;
  int cell_width = 0;
  int cell_height = 0;
  int gap = 0;            // between and around everything
  int title_height = 0;   // of a block's title
  int column_height = 0;  // of the labels over the columns
  int row_width = 0;      // of the labels beside the rows
};

// Where everything goes. Indexes count blocks first, then rows, then columns.
struct GridLayout {
  int width = 0;
  int height = 0;
  std::vector<Rectangle> titles;   // blocks
  std::vector<Rectangle> columns;  // blocks × columns
  std::vector<Rectangle> rows;     // blocks × rows
  std::vector<Rectangle> cells;    // blocks × rows × columns
};

// Wide blocks stand below one another, tall ones side by side, so that the whole comes nearer to a
// square.
GridLayout LayOutGrid(const GridShape& shape);

}  // namespace darkroom::cli

#endif  // DARKROOM_CLI_GRID_LAYOUT_H_
