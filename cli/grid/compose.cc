#include "cli/grid/compose.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

#include "cli/grid/layout.h"
#include "cli/grid/shrink.h"
#include "cli/grid/text_fit.h"

namespace darkroom::cli {
namespace {

constexpr Colour kInk = {32, 32, 32};
constexpr Colour kRed = {160, 32, 32};
constexpr std::uint8_t kPaper = 255;
constexpr std::uint8_t kMissing = 224;
constexpr int kEmptyCell = 256;  // pixels a side, when there is no picture at all

// Sizes that follow from that of the cells.
struct Measures {
  int letters;   // of labels
  int smallest;  // letters of labels that need more room
  int gap;
};

Measures MeasuresFor(int cell_width, int cell_height) {
  const int letters = std::clamp((cell_width + cell_height) / 25, 13, 48);
  return {letters, std::max(9, letters / 2), std::max(4, letters / 3)};
}

int HeightOfWidest(const std::vector<FittedText>& labels) {
  int height = 0;
  for (const FittedText& label : labels) height = std::max(height, label.height);
  return height;
}

int WidthOfWidest(const std::vector<FittedText>& labels) {
  int width = 0;
  for (const FittedText& label : labels) width = std::max(width, label.width);
  return width;
}

void Fill(const Rectangle& area, std::uint8_t grey, RgbImage& image) {
  for (int y = area.top; y < area.top + area.height; ++y) {
    const auto begin =
        image.pixels.begin() + (static_cast<std::ptrdiff_t>(y) * image.width + area.left) * 3;
    std::fill(begin, begin + static_cast<std::ptrdiff_t>(area.width) * 3, grey);
  }
}

// The picture in the middle of the area, which is no smaller.
void Place(const RgbImage& picture, const Rectangle& area, RgbImage& image) {
  const int left = area.left + (area.width - picture.width) / 2;
  const int top = area.top + (area.height - picture.height) / 2;
  for (int y = 0; y < picture.height; ++y) {
    const auto from = picture.pixels.begin() + static_cast<std::ptrdiff_t>(y) * picture.width * 3;
    std::copy(
        from, from + static_cast<std::ptrdiff_t>(picture.width) * 3,
        image.pixels.begin() + (static_cast<std::ptrdiff_t>(top + y) * image.width + left) * 3);
  }
}

class Composer {
 public:
  Composer(const GridContent& content, Font& font, double max_pixels)
      : content_(content), font_(font), max_pixels_(max_pixels) {}

  RgbImage Compose() {
    MeasureCells();
    const std::vector<FittedText> columns = Labels(0, {cell_width_, cell_height_ / 2});
    const std::vector<FittedText> rows =
        Labels(1, {std::max(cell_width_ * 3 / 4, 6 * measures_.letters), cell_height_});
    const GridShape shape = Shape(columns, rows);
    const int cells_width = shape.columns * (shape.cell_width + shape.gap) - shape.gap;
    const std::vector<FittedText> titles = Labels(2, {cells_width, cell_height_});
    const GridLayout layout = LayOutGrid(WithTitles(shape, titles));

    RgbImage image{layout.width, layout.height, {}};
    image.pixels.assign(static_cast<std::size_t>(layout.width) * layout.height * 3, kPaper);
    for (std::size_t i = 0; i < layout.cells.size(); ++i) {
      DrawCell(content_.cells[i], layout.cells[i], image);
    }
    DrawLabels(columns, layout.columns, image);
    DrawLabels(rows, layout.rows, image);
    DrawLabels(titles, layout.titles, image);
    return image;
  }

 private:
  void MeasureCells() {
    for (const GridCell& cell : content_.cells) {
      const auto* picture = std::get_if<RgbImage>(&cell);
      if (picture == nullptr) continue;
      cell_width_ = std::max(cell_width_, picture->width);
      cell_height_ = std::max(cell_height_, picture->height);
    }
    if (cell_width_ == 0) cell_width_ = cell_height_ = kEmptyCell;
    const double pixels = static_cast<double>(cell_width_) * cell_height_ *
                          static_cast<double>(content_.cells.size());
    factor_ = static_cast<int>(std::ceil(std::sqrt(std::max(1.0, pixels / max_pixels_))));
    cell_width_ = std::max(1, cell_width_ / factor_);
    cell_height_ = std::max(1, cell_height_ / factor_);
    measures_ = MeasuresFor(cell_width_, cell_height_);
  }

  FittedText Fit(absl::string_view text, const TextRoom& room) {
    return FitText(text, room, [this](absl::string_view line, int letters) {
      return font_.Width(line, letters);
    });
  }

  std::vector<FittedText> Labels(int axis, std::pair<int, int> room) {
    std::vector<FittedText> labels;
    for (const std::string& text : content_.labels[axis]) {
      labels.push_back(Fit(text, {room.first, room.second, measures_.letters, measures_.smallest}));
    }
    return labels;
  }

  GridShape Shape(const std::vector<FittedText>& columns, const std::vector<FittedText>& rows) {
    GridShape shape;
    shape.columns = static_cast<int>(columns.size());
    shape.rows = static_cast<int>(rows.size());
    shape.cell_width = cell_width_;
    shape.cell_height = cell_height_;
    shape.gap = measures_.gap;
    shape.column_height = HeightOfWidest(columns);
    shape.row_width = WidthOfWidest(rows);
    return shape;
  }

  static GridShape WithTitles(GridShape shape, const std::vector<FittedText>& titles) {
    shape.blocks = static_cast<int>(titles.size());
    shape.title_height = HeightOfWidest(titles);
    return shape;
  }

  void DrawCell(const GridCell& cell, const Rectangle& area, RgbImage& image) {
    if (const auto* picture = std::get_if<RgbImage>(&cell)) {
      return Place(Shrink(*picture, factor_), area, image);
    }
    Fill(area, kMissing, image);
    const int margin = measures_.gap;
    const FittedText reason = Fit(
        std::get<std::string>(cell),
        {area.width - 2 * margin, area.height - 2 * margin, measures_.letters, measures_.smallest});
    DrawText(reason, area, kRed, image);
  }

  // Labels repeat with every block.
  void DrawLabels(const std::vector<FittedText>& labels, const std::vector<Rectangle>& areas,
                  RgbImage& image) {
    for (std::size_t i = 0; i < areas.size(); ++i) {
      DrawText(labels[i % labels.size()], areas[i], kInk, image);
    }
  }

  // In the middle of the area.
  void DrawText(const FittedText& text, const Rectangle& area, Colour colour, RgbImage& image) {
    int top = area.top + (area.height - text.height) / 2;
    for (const std::string& line : text.lines) {
      const int left = area.left + (area.width - font_.Width(line, text.letters)) / 2;
      font_.Draw(line, text.letters, left, top, colour, image);
      top += LineHeight(text.letters);
    }
  }

  const GridContent& content_;
  Font& font_;
  const double max_pixels_;
  int cell_width_ = 0;
  int cell_height_ = 0;
  int factor_ = 1;  // by which pictures are made smaller
  Measures measures_ = {};
};

}  // namespace

RgbImage ComposeGrid(const GridContent& content, Font& font, double max_pixels) {
  return Composer(content, font, max_pixels).Compose();
}

}  // namespace darkroom::cli
