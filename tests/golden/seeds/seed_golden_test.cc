// Compares the noise of a request's images with AUTOMATIC1111's; the data is made by
// make_seed_goldens.py.

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/golden/golden_values.h"
#include "worker/diffusion/sampling/image_noise.h"

namespace darkroom::diffusion {
namespace {

constexpr LatentShape kShape = {.channels = 4, .height = 8, .width = 12};
constexpr std::size_t kValues = 4 * 8 * 12;
constexpr int kImages = 3;
constexpr int kDraws = 2;

constexpr std::pair<const char*, NoiseSource> kSources[] = {{"philox", NoiseSource::kPhilox},
                                                            {"mt19937", NoiseSource::kMt19937}};

class SeedGoldenTest : public ::testing::Test {
 protected:
  // Compares all draws of all images, from both sources, within `tolerance` for the first draw and
  // bit for bit for the others.
  void ExpectNoise(const std::string& golden, SeedOptions options, float tolerance = 0) {
    for (const auto& [label, source] : kSources) {
      options.source = source;
      const std::string name = absl::StrCat(label, "/", golden);
      const std::vector<float> expected = goldens_.Floats(name);
      ASSERT_EQ(expected.size(), kImages * kDraws * kValues) << name;
      auto next = expected.begin();
      for (int image = 0; image < kImages; ++image) {
        const auto generator = MakeImageNoise(options, image, kShape);
        for (int draw = 0; draw < kDraws; ++draw) {
          std::vector<float> actual(kValues);
          generator->Draw(absl::MakeSpan(actual));
          for (const float value : actual) {
            ASSERT_NEAR(value, *next, draw == 0 ? tolerance : 0)
                << name << " image " << image << " draw " << draw;
            ++next;
          }
        }
      }
    }
  }

  const GoldenValues goldens_{"tests/golden/seeds/seeds.safetensors"};
};

// The reference interpolates in float32.
constexpr float kBlended = 2e-6f;

TEST_F(SeedGoldenTest, DrawsAreThoseOfTheReferenceBitForBit) {
  ExpectNoise("plain", {.seed = 1234});
  ExpectNoise("large_seed", {.seed = 4294967295});
}

TEST_F(SeedGoldenTest, LongDrawsAreThoseOfTheReferenceBitForBit) {
  for (const auto& [label, source] : kSources) {
    const std::vector<float> expected = goldens_.Floats(absl::StrCat(label, "/long"));
    std::vector<float> actual(expected.size());
    MakeNoiseGenerator(source, 5)->Draw(absl::MakeSpan(actual));
    EXPECT_EQ(actual, expected) << label;
  }
}

TEST_F(SeedGoldenTest, VariationsAreThoseOfTheReference) {
  ExpectNoise("variation", {.seed = 1234, .variation = {.seed = 7, .strength = 0.3}}, kBlended);
  ExpectNoise("strong_variation", {.seed = 1234, .variation = {.seed = 7, .strength = 1}},
              kBlended);
  ExpectNoise("same_variation", {.seed = 1234, .variation = {.seed = 1234, .strength = 0.25}},
              kBlended);
}

TEST_F(SeedGoldenTest, ResizesAreThoseOfTheReferenceBitForBit) {
  const auto from = [](int height, int width) {
    return SeedOptions{.seed = 1234, .resize_from_height = height, .resize_from_width = width};
  };
  ExpectNoise("resize_smaller", from(6, 8));
  ExpectNoise("resize_larger", from(16, 20));
  ExpectNoise("resize_odd", from(11, 7));
  ExpectNoise("resize_mixed", from(5, 15));
  ExpectNoise("resize_same", from(8, 12));
}

TEST_F(SeedGoldenTest, TheNoiseSeedDeltaMovesLaterDrawsAlone) {
  ExpectNoise("ensd", {.seed = 1234, .eta_seed_delta = 31337});
}

TEST_F(SeedGoldenTest, OptionsCombineAsInTheReference) {
  ExpectNoise("resize_variation",
              {.seed = 1234,
               .variation = {.seed = 99, .strength = 0.6},
               .resize_from_height = 11,
               .resize_from_width = 16},
              kBlended);
  ExpectNoise("everything",
              {.seed = 1234,
               .variation = {.seed = 3, .strength = 0.5},
               .resize_from_height = 16,
               .resize_from_width = 9,
               .eta_seed_delta = 31337},
              kBlended);
}

}  // namespace
}  // namespace darkroom::diffusion
