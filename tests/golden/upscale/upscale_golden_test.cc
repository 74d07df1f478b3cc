// Compares upscalers with spandrel's networks and with AUTOMATIC1111's tiles and whole pictures;
// make_upscale_goldens.py makes the data.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "ATen/ops/from_blob.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "c10/core/InferenceMode.h"
#include "common/file.h"
#include "gtest/gtest.h"
#include "picture/tiles.h"
#include "tests/golden/golden_photo.h"
#include "tests/golden/golden_values.h"
#include "worker/diffusion/adapters/test_file.h"
#include "worker/diffusion/upscale/picture_upscaling.h"
#include "worker/diffusion/upscale/upscaler_network.h"

namespace darkroom::diffusion {
namespace {

constexpr double kTolerance = 1e-4;
constexpr std::size_t kMaxBytes = 1 << 16;
const char* const kNetworks[] = {"bsrgan_x2",  "bsrgan_x4",     "compact_x1",    "compact_x2",
                                 "compact_x4", "esrgan_x1",     "esrgan_x2",     "esrgan_x4",
                                 "esrgan_x8",  "realesrgan_x1", "realesrgan_x2", "realesrgan_x4"};

std::string ReadGolden(const std::string& name) {
  return ReadFile(absl::StrCat("tests/golden/upscale/", name), kMaxBytes).value();
}

// As the script has it.
std::vector<float> WeightsOf(std::uint64_t count, std::uint64_t seed, double bound) {
  constexpr std::uint64_t kModulus = std::uint64_t{1} << 32;
  std::vector<float> values;
  for (std::uint64_t i = 0; i < count; ++i) {
    std::uint64_t x = (i * 2654435761u + seed * 40503 + 1) % kModulus;
    x ^= x >> 15;
    x = x * 2246822519u % kModulus;
    x ^= x >> 13;
    values.push_back(static_cast<float>((static_cast<double>(x) / 2147483648.0 - 1) * bound));
  }
  return values;
}

std::shared_ptr<const UpscalerNetwork> Network(const std::string& name) {
  TestFile file(absl::StrCat(name, ".safetensors"));
  std::uint64_t seed = 0;
  const std::string shapes = ReadGolden(absl::StrCat(name, ".shapes"));
  for (absl::string_view line : absl::StrSplit(shapes, '\n', absl::SkipEmpty())) {
    const std::vector<std::string> words = absl::StrSplit(line, ' ');
    std::vector<std::int64_t> shape;
    std::int64_t count = 1;
    for (std::size_t i = 1; i < words.size(); ++i) {
      EXPECT_TRUE(absl::SimpleAtoi(words[i], &shape.emplace_back()));
      count *= shape.back();
    }
    const double inputs = static_cast<double>(count) / static_cast<double>(shape[0]);
    const double bound = shape.size() == 4 ? 2 / std::sqrt(inputs) : 0.2;
    file.AddValues(words[0], shape,
                   WeightsOf(static_cast<std::uint64_t>(count), seed++, bound).data());
  }
  file.Open();
  return UpscalerNetwork::Load(file.path(), at::kCPU).value();
}

class UpscaleGoldenTest : public ::testing::Test {
 protected:
  const c10::InferenceMode inference_;
  const GoldenValues goldens_{"tests/golden/upscale/upscale.safetensors"};
};

TEST_F(UpscaleGoldenTest, NetworksOfEveryKindAndSpellingAreSpandrels) {
  for (const std::string name : kNetworks) {
    const std::shared_ptr<const UpscalerNetwork> network = Network(name);
    EXPECT_TRUE(absl::EndsWith(name, absl::StrCat("_x", network->scale()))) << name;
    std::vector<float> x = goldens_.Floats(name + "/x");
    const std::vector<float> expected = goldens_.Floats(name + "/y");
    const at::Tensor y =
        network->Forward(at::from_blob(x.data(), {1, 3, 7, 6}, at::kFloat)).contiguous();
    ASSERT_EQ(y.numel(), static_cast<std::int64_t>(expected.size())) << name;
    double difference = 0;
    double magnitude = 0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      difference =
          std::max<double>(difference, std::abs(y.const_data_ptr<float>()[i] - expected[i]));
      magnitude = std::max<double>(magnitude, std::abs(expected[i]));
    }
    EXPECT_GT(magnitude, 0.01) << name;
    EXPECT_LT(difference / magnitude, kTolerance) << name;
  }
}

// A network that tells where in its tile a pixel is.
RgbImage Stub(const RgbImage& tile, int scale) {
  RgbImage image{.width = tile.width * scale, .height = tile.height * scale, .pixels = {}};
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      const std::size_t from = 3 * (static_cast<std::size_t>(y / scale) * tile.width + x / scale);
      for (std::size_t c = 0; c < 3; ++c) {
        image.pixels.push_back(
            static_cast<std::uint8_t>((tile.pixels[from + c] + 3 * x + 5 * y) % 256));
      }
    }
  }
  return image;
}

std::uint64_t Fnv1a(const std::vector<std::uint8_t>& bytes) {
  std::uint64_t digest = 14695981039346656037u;
  for (const std::uint8_t byte : bytes) digest = (digest ^ byte) * 1099511628211u;
  return digest;
}

TEST_F(UpscaleGoldenTest, TilesAreCutAndPutTogetherAsAutomatic1111Does) {
  std::istringstream lines(ReadGolden("tiles.txt"));
  int width = 0, height = 0, tile = 0, overlap = 0, scale = 0, tilings = 0;
  std::uint64_t digest = 0;
  while (lines >> width >> height >> tile >> overlap >> scale >> digest) {
    ++tilings;
    const RgbImage image = GoldenPhoto(width, height);
    const picture::TileGrid grid = picture::SplitIntoTiles(width, height, tile, overlap);
    picture::TileCanvas canvas(grid, width, height, overlap, scale);
    for (int i = 0; i < grid.count(); ++i) {
      EXPECT_FALSE(canvas.complete());
      canvas.Add(Stub(picture::CutTile(image, grid, i), scale));
    }
    ASSERT_TRUE(canvas.complete());
    const RgbImage made = std::move(canvas).Take();
    EXPECT_EQ(made.width, width * scale);
    EXPECT_EQ(Fnv1a(made.pixels), digest)
        << width << " x " << height << ", " << grid.count() << " tiles";
  }
  EXPECT_EQ(tilings, 8);
}

struct PictureCase {
  std::string network;
  int width = 0, height = 0, to_width = 0, to_height = 0, stride = 0;
};

// A value next to the middle between two bytes may be rounded to either.
TEST_F(UpscaleGoldenTest, WholePicturesAreAutomatic1111s) {
  const PictureCase cases[] = {
      {"compact_x2", 37, 23, 74, 46, 1},  {"compact_x2", 13, 9, 41, 27, 1},
      {"compact_x2", 24, 16, 120, 80, 1}, {"compact_x4", 37, 23, 50, 40, 1},
      {"compact_x1", 37, 23, 60, 40, 1},  {"realesrgan_x2", 37, 23, 74, 46, 1},
      {"esrgan_x4", 20, 31, 64, 96, 1},   {"compact_x2", 200, 194, 400, 388, 5}};
  for (const PictureCase& c : cases) {
    const std::string key = absl::StrCat("picture ", c.network, " ", c.width, " ", c.height, " ",
                                         c.to_width, " ", c.to_height, " ", c.stride);
    const std::vector<float> expected = goldens_.Floats(key);
    auto upscaling = PictureUpscaling::Plan(Network(c.network), GoldenPhoto(c.width, c.height),
                                            c.to_width, c.to_height)
                         .value();
    while (!upscaling.done()) ASSERT_TRUE(upscaling.Advance().ok());
    const RgbImage made = std::move(upscaling).Take();
    ASSERT_EQ(made.width, c.to_width);
    ASSERT_EQ(made.height, c.to_height);
    std::size_t at = 0;
    int unlike = 0;
    for (int y = 0; y < made.height; y += c.stride) {
      for (int x = 0; x < made.width; x += c.stride) {
        for (std::size_t i = 0; i < 3; ++i) {
          const std::size_t offset = 3 * (static_cast<std::size_t>(y) * made.width + x) + i;
          ASSERT_LT(at, expected.size()) << key;
          const int difference = std::abs(made.pixels[offset] - static_cast<int>(expected[at++]));
          EXPECT_LE(difference, 1) << key << " at " << x << ", " << y;
          unlike += difference;
        }
      }
    }
    EXPECT_EQ(at, expected.size()) << key;
    EXPECT_LE(unlike, static_cast<int>(expected.size()) / 1000) << key;
  }
}

}  // namespace
}  // namespace darkroom::diffusion
