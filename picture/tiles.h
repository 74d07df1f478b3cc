#ifndef DARKROOM_PICTURE_TILES_H_
#define DARKROOM_PICTURE_TILES_H_

#include <utility>
#include <vector>

#include "common/rgb_image.h"

namespace darkroom::picture {

// A picture cut into tiles of one size that lap over each other, row by row from the top left.
struct TileGrid {
  int tile_width = 0;
  int tile_height = 0;
  std::vector<int> columns;  // where tiles begin, in pixels of the picture, rising
  std::vector<int> rows;

  int count() const { return static_cast<int>(columns.size() * rows.size()); }
};

// modules/images.py, split_grid, of AUTOMATIC1111: as few tiles of `tile` pixels a side as lap over
// each other by at least `overlap`, laid out evenly. Where a side of the picture is shorter than a
// tile, tiles are as short; there AUTOMATIC1111 puts black pixels before the picture, which show at
// its edges. All sizes are at least 1 and `overlap` is less than `tile`.
TileGrid SplitIntoTiles(int width, int height, int tile, int overlap);

// The tile of this number, from 0.
RgbImage CutTile(const RgbImage& image, const TileGrid& grid, int number);

// Puts enlarged tiles together: modules/images.py, combine_grid, bit for bit. The first `overlap`
// columns and rows of a tile pass from what lies before it into the tile. Holds the result and one
// row of tiles.
class TileCanvas {
 public:
  // `grid` and `overlap` as they were split; a picture of width x height becomes `scale` times as
  // large.
  TileCanvas(TileGrid grid, int width, int height, int overlap, int scale);

  // The next tile, `scale` times the size of the grid's.
  void Add(const RgbImage& tile);
  // True when all tiles are there.
  bool complete() const { return added_ == grid_.count(); }
  // The result, once complete.
  RgbImage Take() && { return std::move(picture_); }

 private:
  void AddRow(int top);

  TileGrid grid_;  // of the result
  int overlap_;
  RgbImage picture_;
  RgbImage row_;  // of tiles, as wide as the result
  int added_ = 0;
};

}  // namespace darkroom::picture

#endif  // DARKROOM_PICTURE_TILES_H_
