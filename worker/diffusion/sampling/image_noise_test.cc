#include "worker/diffusion/sampling/image_noise.h"

#include <cmath>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace darkroom::diffusion {
namespace {

using ::testing::FloatNear;
using ::testing::Pointwise;

constexpr LatentShape kShape = {.channels = 2, .height = 6, .width = 4};

std::vector<float> NextDraw(NoiseGenerator& generator, std::size_t size = 48) {
  std::vector<float> values(size);
  generator.Draw(absl::MakeSpan(values));
  return values;
}

std::vector<float> FirstDraw(const SeedOptions& options, int image = 0) {
  return NextDraw(*MakeImageNoise(options, image, kShape));
}

TEST(ImageNoiseTest, WithoutOptionsItIsTheGeneratorOfSeedPlusImage) {
  for (const NoiseSource source : {NoiseSource::kPhilox, NoiseSource::kMt19937}) {
    const auto noise = MakeImageNoise({.source = source, .seed = 5}, 2, kShape);
    const auto generator = MakeNoiseGenerator(source, 7);
    for (int draw = 0; draw < 3; ++draw) EXPECT_EQ(NextDraw(*noise), NextDraw(*generator)) << draw;
  }
}

TEST(ImageNoiseTest, WithAVariationTheSeedStaysAndTheVariationSeedRises) {
  EXPECT_EQ(SeedsOfImage(10, {.seed = 20}, 3).seed, 13u);
  EXPECT_EQ(SeedsOfImage(10, {.seed = 20}, 3).variation_seed, 23u);
  const Variation variation = {.seed = 20, .strength = 0.1};
  EXPECT_EQ(SeedsOfImage(10, variation, 3).seed, 10u);
  EXPECT_EQ(SeedsOfImage(10, variation, 3).variation_seed, 23u);
  const auto later = MakeImageNoise({.seed = 10, .variation = variation}, 3, kShape);
  const auto first =
      MakeImageNoise({.seed = 10, .variation = {.seed = 23, .strength = 0.1}}, 0, kShape);
  EXPECT_EQ(NextDraw(*later), NextDraw(*first));
}

TEST(ImageNoiseTest, AVariationGoesFromTheSeedToTheVariationSeed) {
  const std::vector<float> from = FirstDraw({.seed = 1});
  const std::vector<float> to = FirstDraw({.seed = 2});
  const auto at = [](double strength) {
    return FirstDraw({.seed = 1, .variation = {.seed = 2, .strength = strength}});
  };
  EXPECT_THAT(at(1e-6), Pointwise(FloatNear(1e-4f), from));
  EXPECT_THAT(at(1), Pointwise(FloatNear(1e-6f), to));
  // On the sphere the length is kept, on the line the middle would be shorter by a third.
  double squares = 0;
  for (const float value : at(0.5)) squares += value * value;
  double ends = 0;
  for (std::size_t i = 0; i < from.size(); ++i) ends += from[i] * from[i] + to[i] * to[i];
  EXPECT_NEAR(squares / (ends / 2), 1, 0.2);
}

TEST(ImageNoiseTest, LaterDrawsDoNotDependOnHowTheFirstWasMade) {
  const auto plain = MakeImageNoise({.seed = 1}, 0, kShape);
  const auto varied = MakeImageNoise({.seed = 1,
                                      .variation = {.seed = 9, .strength = 0.5},
                                      .resize_from_height = 9,
                                      .resize_from_width = 3},
                                     0, kShape);
  EXPECT_NE(NextDraw(*plain), NextDraw(*varied));
  EXPECT_EQ(NextDraw(*plain), NextDraw(*varied));
}

TEST(ImageNoiseTest, AResizeKeepsTheMiddleOfTheOtherPicturesNoise) {
  const LatentShape other = {.channels = 2, .height = 2, .width = 2};
  const std::vector<float> small = NextDraw(*MakeImageNoise({.seed = 1}, 0, other), 8);
  const std::vector<float> own = FirstDraw({.seed = 1});
  const std::vector<float> pasted =
      FirstDraw({.seed = 1, .resize_from_height = 2, .resize_from_width = 2});
  const auto index = [](int c, int y, int x) { return (c * 6 + y) * 4 + x; };
  EXPECT_EQ(pasted[index(0, 2, 1)], small[0]);
  EXPECT_EQ(pasted[index(1, 3, 2)], small[7]);
  EXPECT_EQ(pasted[index(0, 0, 0)], own[0]);
  EXPECT_EQ(pasted[index(1, 5, 3)], own[index(1, 5, 3)]);
}

TEST(ImageNoiseTest, LatentsOfOneRowBlendWithoutDividingByZero) {
  const LatentShape row = {.channels = 1, .height = 1, .width = 32};
  const auto noise = MakeImageNoise({.seed = 1, .variation = {.seed = 2, .strength = 0.5}}, 0, row);
  for (const float value : NextDraw(*noise, 32)) EXPECT_TRUE(std::isfinite(value));
}

}  // namespace
}  // namespace darkroom::diffusion
