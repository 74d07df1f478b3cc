// Pictures whose edges fit together.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "naming/hires_pass.h"
#include "worker/diffusion/demo_backend.h"

namespace darkroom::diffusion {
namespace {

class TilingTest : public DemoBackendTest {
 protected:
  static ImageRequest Tiled(std::int64_t seed) {
    ImageRequest request = Request("a red apple on a blue background", seed);
    request.tiling = true;
    return request;
  }

  // How much more neighbours differ across the picture's end than within it, on average, of columns
  // and of rows.
  static std::pair<double, double> Seams(const RgbImage& picture) {
    const auto step = [&](int x, int y, int next_x, int next_y) {
      double sum = 0;
      for (int c = 0; c < 3; ++c) {
        sum += std::abs(int{At(picture, x, y, c)} - int{At(picture, next_x, next_y, c)});
      }
      return sum;
    };
    double columns = 0, rows = 0, inner = 0;
    for (int y = 0; y < picture.height; ++y) {
      columns += step(picture.width - 1, y, 0, y) / picture.height;
      for (int x = 1; x < picture.width; ++x) {
        inner += step(x - 1, y, x, y) / picture.height / (picture.width - 1);
      }
    }
    for (int x = 0; x < picture.width; ++x) {
      rows += step(x, picture.height - 1, x, 0) / picture.width;
    }
    return {columns / inner, rows / inner};
  }

 private:
  static std::uint8_t At(const RgbImage& picture, int x, int y, int c) {
    return picture.pixels[(static_cast<std::size_t>(y) * picture.width + x) * 3 + c];
  }
};

TEST_F(TilingTest, EdgesContinueAtTheOppositeOnes) {
  // A seam shows where the background is not of one colour.
  ImageRequest request = Tiled(4);
  request.prompt = "a green pear on a striped background";
  const auto [columns, rows] = Seams(Paint(request));
  EXPECT_LT(columns, 2);
  EXPECT_LT(rows, 2);
  request.tiling = false;
  const auto [plain_columns, plain_rows] = Seams(Paint(request));
  EXPECT_GT(plain_columns, 2 * columns);
  EXPECT_GT(plain_rows, 2 * rows);
}

TEST_F(TilingTest, TheSecondPassOfAHiresFixWrapsToo) {
  ImageRequest request = Tiled(4);
  request.prompt = "a green pear on a striped background";
  const naming::HiresSize size = naming::ScaledBy(request.width, request.height, 1.5);
  request.hires = {.upscaler = "Latent",
                   .scaled = {.width = size.scaled_width, .height = size.scaled_height},
                   .size = {.width = size.width, .height = size.height},
                   .strength = 0.7,
                   .steps = 4,
                   .sampler = request.sampler,
                   .schedule = request.schedule,
                   .prompt = request.prompt,
                   .negative_prompt = request.negative_prompt,
                   .guidance_scale = request.guidance_scale};
  const RgbImage picture = Paint(request);
  EXPECT_EQ(picture.width, 96);
  const auto [columns, rows] = Seams(picture);
  EXPECT_LT(columns, 2);
  EXPECT_LT(rows, 2);
}

TEST_F(TilingTest, TiledAndOtherRowsAreOfDifferentBatches) {
  ImageRequest plain = Tiled(1);
  plain.tiling = false;
  const auto tiled = Start(Tiled(1));
  const auto other = Start(plain);
  EXPECT_NE(tiled->batch_key(0), other->batch_key(0));
  EXPECT_TRUE(absl::IsFailedPrecondition(
      backend_
          ->Step({{.generation = tiled.get(), .image = 0}, {.generation = other.get(), .image = 0}})
          .status()));
}

TEST_F(TilingTest, ATiledPictureIsTheSameInEveryBatch) {
  const RgbImage alone = Paint(Tiled(7));
  const auto first = Start(Tiled(6));
  const auto second = Start(Tiled(7));
  Finish({first.get(), second.get()});
  EXPECT_EQ(LargestDifference(backend_->Decode(*second, 0).value(), alone), 0);
}

// An encoded picture goes through convolutions before the first step, and a forward of one request
// leaves nothing behind for the next.
TEST_F(TilingTest, ARequestWithoutItIsAsItWasBefore) {
  ImageRequest plain = Request("a red apple on a blue background", 3);
  plain.init = {.picture = Paint(Request("a green pear", 2)), .strength = 0.6};
  const RgbImage before = Paint(plain);
  ImageRequest tiled = plain;
  tiled.tiling = true;
  EXPECT_GT(LargestDifference(Paint(tiled), before), 0);
  EXPECT_EQ(LargestDifference(Paint(plain), before), 0);
}

}  // namespace
}  // namespace darkroom::diffusion
