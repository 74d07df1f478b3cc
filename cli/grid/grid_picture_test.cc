#include "cli/grid/grid_picture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/grid/png_decoder.h"
#include "infotext/png_text.h"
#include "worker/image/png_encoder.h"

namespace darkroom::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

BatchResult Made(int side, absl::string_view infotext) {
  BatchResult result;
  const RgbImage image{side, side,
                       std::vector<std::uint8_t>(static_cast<std::size_t>(side) * side * 3, 99)};
  result.picture.bytes = worker::EncodePng(image, infotext).value();
  result.status = absl::OkStatus();
  return result;
}

GridPlan Plan() {
  darkroom::v1::ImageParameters base;
  base.set_prompt("a red apple");
  return PlanGrid(base, {*ParseAxis("steps=5,10"), *ParseAxis("sampler=Euler,DDIM"), {}},
                  [] { return 1; })
      .value();
}

TEST(GridPictureTest, IsAPngWithTheTextOfItsFirstPicture) {
  const std::string first = "a red apple\nSteps: 5, Sampler: Euler, Seed: 1";
  const auto png = GridPng(Plan(), {Made(64, first), Made(64, "b"), Made(64, "c"), Made(64, "d")});
  ASSERT_TRUE(png.ok()) << png.status();
  const auto image = DecodePng(*png);
  ASSERT_TRUE(image.ok()) << image.status();
  EXPECT_GT(image->width, 2 * 64 + 30) << "two pictures and the labels of the rows";
  const auto text = infotext::ReadPngParameters(*png);
  ASSERT_TRUE(text.ok()) << text.status();
  EXPECT_THAT(*text, StartsWith("a red apple\nSteps: 5, Sampler: Euler, "));
  EXPECT_THAT(*text, HasSubstr("X Values: \"5,10\", Y Type: Sampler"));
}

TEST(GridPictureTest, GoesWithoutPicturesThatFailed) {
  BatchResult failed;
  failed.status = absl::InternalError("the worker ran out of memory");
  BatchResult damaged = Made(64, "x");
  damaged.picture.bytes.resize(50);
  const auto png =
      GridPng(Plan(), {failed, damaged, Made(64, "y\nSteps: 5, Sampler: DDIM, Seed: 1"), failed});
  ASSERT_TRUE(png.ok()) << png.status();
  EXPECT_TRUE(DecodePng(*png).ok());
  EXPECT_TRUE(GridPng(Plan(), {failed, failed, failed, failed}).ok());
}

}  // namespace
}  // namespace darkroom::cli
