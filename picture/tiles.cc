#include "picture/tiles.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "picture/rgba.h"

namespace darkroom::picture {
namespace {

constexpr std::size_t kChannels = 3;

std::size_t Offset(const RgbImage& image, int x, int y) {
  return kChannels * (static_cast<std::size_t>(y) * image.width + x);
}

RgbImage BlackPicture(int width, int height) {
  RgbImage image{.width = width, .height = height, .pixels = {}};
  image.pixels.resize(kChannels * width * height);
  return image;
}

// Where the tiles of one side begin.
std::vector<int> Beginnings(int side, int tile, int overlap) {
  const int step = tile - overlap;
  const int count = std::max(1, (side - overlap + step - 1) / step);
  std::vector<int> beginnings;
  for (int i = 0; i < count; ++i) {
    const double apart = count > 1 ? static_cast<double>(side - tile) / (count - 1) : 0;
    beginnings.push_back(std::min(static_cast<int>(i * apart), side - tile));
  }
  return beginnings;
}

// What column or row `i` of the overlap shows of the tile, of 255. NumPy divides in float32.
std::uint8_t MaskAt(int i, int overlap) {
  return static_cast<std::uint8_t>(static_cast<float>(i) * 255.0f / static_cast<float>(overlap));
}

// Image.paste with a mask of one value.
void Blend(const std::uint8_t* from, unsigned mask, std::size_t bytes, std::uint8_t* to) {
  for (std::size_t i = 0; i < bytes; ++i) {
    to[i] = Divide255(to[i] * (255 - mask) + from[i] * mask);
  }
}

}  // namespace

TileGrid SplitIntoTiles(int width, int height, int tile, int overlap) {
  TileGrid grid;
  grid.tile_width = std::min(tile, width);
  grid.tile_height = std::min(tile, height);
  const auto within = [&](int side) { return std::min(overlap, side - 1); };
  grid.columns = Beginnings(width, grid.tile_width, within(grid.tile_width));
  grid.rows = Beginnings(height, grid.tile_height, within(grid.tile_height));
  return grid;
}

RgbImage CutTile(const RgbImage& image, const TileGrid& grid, int number) {
  const auto columns = static_cast<int>(grid.columns.size());
  const int left = grid.columns[number % columns];
  const int top = grid.rows[number / columns];
  RgbImage tile{.width = grid.tile_width, .height = grid.tile_height, .pixels = {}};
  tile.pixels.reserve(kChannels * tile.width * tile.height);
  for (int y = top; y < top + tile.height; ++y) {
    const std::uint8_t* row = &image.pixels[Offset(image, left, y)];
    tile.pixels.insert(tile.pixels.end(), row, row + kChannels * tile.width);
  }
  return tile;
}

TileCanvas::TileCanvas(TileGrid grid, int width, int height, int overlap, int scale)
    : grid_(std::move(grid)),
      overlap_(overlap * scale),
      picture_(BlackPicture(width * scale, height * scale)),
      row_(BlackPicture(width * scale, grid_.tile_height * scale)) {
  grid_.tile_width *= scale;
  grid_.tile_height *= scale;
  for (int& column : grid_.columns) column *= scale;
  for (int& row : grid_.rows) row *= scale;
}

void TileCanvas::Add(const RgbImage& tile) {
  const auto columns = static_cast<int>(grid_.columns.size());
  const int left = grid_.columns[added_ % columns];
  const int blended = left == 0 ? 0 : overlap_;
  for (int y = 0; y < tile.height; ++y) {
    const std::uint8_t* from = &tile.pixels[Offset(tile, 0, y)];
    std::uint8_t* to = &row_.pixels[Offset(row_, left, y)];
    for (int x = 0; x < blended; ++x) {
      Blend(from + kChannels * x, MaskAt(x, overlap_), kChannels, to + kChannels * x);
    }
    std::copy(from + kChannels * blended, from + kChannels * tile.width, to + kChannels * blended);
  }
  ++added_;
  if (added_ % columns == 0) AddRow(grid_.rows[added_ / columns - 1]);
}

void TileCanvas::AddRow(int top) {
  const std::size_t bytes = kChannels * row_.width;
  const int blended = top == 0 ? 0 : overlap_;
  for (int y = 0; y < row_.height; ++y) {
    const std::uint8_t* from = &row_.pixels[Offset(row_, 0, y)];
    std::uint8_t* to = &picture_.pixels[Offset(picture_, 0, top + y)];
    if (y < blended) {
      Blend(from, MaskAt(y, overlap_), bytes, to);
    } else {
      std::copy(from, from + bytes, to);
    }
  }
}

}  // namespace darkroom::picture
