#include "cli/grid/font.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace darkroom::cli {
namespace {

class FontTest : public ::testing::Test {
 protected:
  FontTest() : font_(Font::Load().value()) {}

  // Black on a white image of 60 by 30 pixels.
  RgbImage Drawn(absl::string_view text, int left = 5, int top = 2) {
    RgbImage image{60, 30, std::vector<std::uint8_t>(60 * 30 * 3, 255)};
    font_->Draw(text, 20, left, top, {}, image);
    return image;
  }
  static bool IsBlank(const RgbImage& image) {
    return std::all_of(image.pixels.begin(), image.pixels.end(), [](int v) { return v == 255; });
  }

  std::unique_ptr<Font> font_;
};

TEST_F(FontTest, WidthGrowsWithTextAndLetters) {
  EXPECT_EQ(font_->Width("", 20), 0);
  EXPECT_GT(font_->Width("ab", 20), font_->Width("a", 20));
  EXPECT_GT(font_->Width("a", 40), font_->Width("a", 20));
  EXPECT_GT(font_->Width("W", 20), font_->Width("i", 20)) << "letters have widths of their own";
}

TEST_F(FontTest, HasCyrillicLettersOfTheirOwn) {
  EXPECT_FALSE(IsBlank(Drawn("Ж")));
  EXPECT_NE(Drawn("Ж"), Drawn("Щ"));
  EXPECT_NE(Drawn("é"), Drawn("e"));
}

TEST_F(FontTest, DrawsABoxForWhatItLacksAndForBrokenText) {
  EXPECT_FALSE(IsBlank(Drawn("漢")));
  EXPECT_FALSE(IsBlank(Drawn("\xff")));
}

TEST_F(FontTest, StaysInItsLineAndInTheImage) {
  const RgbImage image = Drawn("Åg|");
  for (int y : {0, 1, 28, 29}) {
    const auto row = image.pixels.begin() + y * 60 * 3;
    EXPECT_TRUE(std::all_of(row, row + 60 * 3, [](int v) { return v == 255; })) << y;
  }
  EXPECT_TRUE(IsBlank(Drawn("x", 100)));
  EXPECT_TRUE(IsBlank(Drawn("x", -100)));
  EXPECT_FALSE(IsBlank(Drawn("xxxxxxxxxxxxxxx", -10, -10)));
}

TEST_F(FontTest, BlendsTheColourIn) {
  RgbImage image{30, 30, std::vector<std::uint8_t>(30 * 30 * 3, 255)};
  font_->Draw("█", 20, 0, 2, {10, 20, 30}, image);
  const std::uint8_t* middle = &image.pixels[(15 * 30 + 6) * 3];
  EXPECT_EQ(middle[0], 10);
  EXPECT_EQ(middle[1], 20);
  EXPECT_EQ(middle[2], 30);
}

}  // namespace
}  // namespace darkroom::cli
