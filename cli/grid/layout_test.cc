#include "cli/grid/layout.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace darkroom::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

bool Overlap(const Rectangle& a, const Rectangle& b) {
  return a.left < b.left + b.width && b.left < a.left + a.width && a.top < b.top + b.height &&
         b.top < a.top + a.height;
}

std::vector<Rectangle> All(const GridLayout& layout) {
  std::vector<Rectangle> all = layout.cells;
  for (const auto* areas : {&layout.titles, &layout.columns, &layout.rows}) {
    all.insert(all.end(), areas->begin(), areas->end());
  }
  return all;
}

TEST(LayoutTest, IsABareTableWithoutLabels) {
  const GridLayout layout =
      LayOutGrid({.columns = 2, .rows = 1, .cell_width = 10, .cell_height = 20, .gap = 1});
  EXPECT_EQ(layout.width, 23);
  EXPECT_EQ(layout.height, 22);
  EXPECT_THAT(layout.cells, ElementsAre(Rectangle{1, 1, 10, 20}, Rectangle{12, 1, 10, 20}));
}

TEST(LayoutTest, PutsLabelsOverColumnsAndBesideRows) {
  const GridLayout layout = LayOutGrid({.columns = 2,
                                        .rows = 2,
                                        .cell_width = 10,
                                        .cell_height = 20,
                                        .gap = 1,
                                        .column_height = 5,
                                        .row_width = 7});
  EXPECT_EQ(layout.columns[1], (Rectangle{20, 1, 10, 5}));
  EXPECT_EQ(layout.rows[1], (Rectangle{1, 28, 7, 20}));
  EXPECT_EQ(layout.cells[3], (Rectangle{20, 28, 10, 20}));
  EXPECT_EQ(layout.width, 31);
  EXPECT_EQ(layout.height, 49);
}

TEST(LayoutTest, StacksWideBlocksAndSetsTallOnesSideBySide) {
  GridShape shape = {.columns = 3,
                     .rows = 1,
                     .blocks = 2,
                     .cell_width = 9,
                     .cell_height = 9,
                     .gap = 1,
                     .title_height = 4};
  const GridLayout stacked = LayOutGrid(shape);
  EXPECT_EQ(stacked.titles[0].left, stacked.titles[1].left);
  EXPECT_LT(stacked.titles[0].top, stacked.titles[1].top);
  shape.columns = 1;
  shape.rows = 3;
  const GridLayout beside = LayOutGrid(shape);
  EXPECT_EQ(beside.titles[0].top, beside.titles[1].top);
  EXPECT_LT(beside.titles[0].left, beside.titles[1].left);
}

TEST(LayoutTest, KeepsEverythingApartAndInside) {
  const GridLayout layout = LayOutGrid({.columns = 3,
                                        .rows = 2,
                                        .blocks = 3,
                                        .cell_width = 16,
                                        .cell_height = 8,
                                        .gap = 2,
                                        .title_height = 5,
                                        .column_height = 4,
                                        .row_width = 9});
  EXPECT_THAT(layout.cells, SizeIs(18));
  EXPECT_THAT(layout.columns, SizeIs(9));
  EXPECT_THAT(layout.rows, SizeIs(6));
  EXPECT_THAT(layout.titles, SizeIs(3));
  const std::vector<Rectangle> all = All(layout);
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_GE(std::min(all[i].left, all[i].top), 0);
    EXPECT_LE(all[i].left + all[i].width, layout.width);
    EXPECT_LE(all[i].top + all[i].height, layout.height);
    for (std::size_t j = 0; j < i; ++j) EXPECT_FALSE(Overlap(all[i], all[j])) << i << " " << j;
  }
}

}  // namespace
}  // namespace darkroom::cli
