#include "cli/grid/layout.h"

namespace darkroom::cli {
namespace {

// Room for a label and the gap behind it.
int WithGap(int size, int gap) { return size == 0 ? 0 : size + gap; }

void LayOutBlock(const GridShape& shape, int left, int top, GridLayout& layout) {
  const int cells_left = left + WithGap(shape.row_width, shape.gap);
  const int cells_width = shape.columns * (shape.cell_width + shape.gap) - shape.gap;
  layout.titles.push_back({cells_left, top, cells_width, shape.title_height});
  top += WithGap(shape.title_height, shape.gap);
  for (int column = 0; column < shape.columns; ++column) {
    layout.columns.push_back({cells_left + column * (shape.cell_width + shape.gap), top,
                              shape.cell_width, shape.column_height});
  }
  top += WithGap(shape.column_height, shape.gap);
  for (int row = 0; row < shape.rows; ++row) {
    layout.rows.push_back({left, top, shape.row_width, shape.cell_height});
    for (int column = 0; column < shape.columns; ++column) {
      layout.cells.push_back({cells_left + column * (shape.cell_width + shape.gap), top,
                              shape.cell_width, shape.cell_height});
    }
    top += shape.cell_height + shape.gap;
  }
}

}  // namespace

GridLayout LayOutGrid(const GridShape& shape) {
  const int block_width = WithGap(shape.row_width, shape.gap) +
                          shape.columns * (shape.cell_width + shape.gap) - shape.gap;
  const int block_height = WithGap(shape.title_height, shape.gap) +
                           WithGap(shape.column_height, shape.gap) +
                           shape.rows * (shape.cell_height + shape.gap) - shape.gap;
  const bool side_by_side = block_width < block_height;
  // Between blocks, more than between cells.
  const int across = side_by_side ? block_width + 4 * shape.gap : 0;
  const int down = side_by_side ? 0 : block_height + 4 * shape.gap;
  GridLayout layout;
  for (int block = 0; block < shape.blocks; ++block) {
    LayOutBlock(shape, shape.gap + block * across, shape.gap + block * down, layout);
  }
  layout.width = (shape.blocks - 1) * across + block_width + 2 * shape.gap;
  layout.height = (shape.blocks - 1) * down + block_height + 2 * shape.gap;
  return layout;
}

}  // namespace darkroom::cli
