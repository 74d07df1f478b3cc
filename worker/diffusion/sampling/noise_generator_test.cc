#include "worker/diffusion/sampling/noise_generator.h"

#include <cmath>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace darkroom::diffusion {
namespace {

using ::testing::ElementsAre;
using ::testing::FloatNear;

std::vector<float> Draw(NoiseGenerator& generator, std::size_t size) {
  std::vector<float> values(size);
  generator.Draw(absl::MakeSpan(values));
  return values;
}

TEST(NoiseGeneratorTest, PhiloxStartsAsTheCudaGeneratorDoes) {
  const auto generator = MakeNoiseGenerator(NoiseSource::kPhilox, 0);
  EXPECT_THAT(Draw(*generator, 4),
              ElementsAre(FloatNear(-0.92466259f, 1e-6f), FloatNear(-0.42534415f, 1e-6f),
                          FloatNear(-2.6438457f, 1e-6f), FloatNear(0.14518388f, 1e-6f)));
}

TEST(NoiseGeneratorTest, Mt19937StartsAsTorchDoesOnTheCpu) {
  const auto generator = MakeNoiseGenerator(NoiseSource::kMt19937, 42);
  const std::vector<float> values = Draw(*generator, 64);
  EXPECT_NEAR(values[0], 1.92692f, 1e-5);
  EXPECT_NEAR(values[1], 1.48728f, 1e-5);
  EXPECT_NEAR(values[2], 0.900717f, 1e-5);
  EXPECT_NEAR(values[3], -2.10552f, 1e-5);
}

TEST(NoiseGeneratorTest, AnElementOfPhiloxDoesNotDependOnTheSizeOfTheDraw) {
  const auto wide = MakeNoiseGenerator(NoiseSource::kPhilox, 7);
  const auto narrow = MakeNoiseGenerator(NoiseSource::kPhilox, 7);
  std::vector<float> start = Draw(*wide, 100);
  start.resize(10);
  EXPECT_EQ(start, Draw(*narrow, 10));
}

TEST(NoiseGeneratorTest, DrawsAndSeedsDiffer) {
  for (const NoiseSource source : {NoiseSource::kPhilox, NoiseSource::kMt19937}) {
    const auto one = MakeNoiseGenerator(source, 1);
    const auto two = MakeNoiseGenerator(source, 2);
    const std::vector<float> first = Draw(*one, 32);
    EXPECT_NE(first, Draw(*one, 32));
    EXPECT_NE(first, Draw(*two, 32));
  }
}

TEST(NoiseGeneratorTest, ValuesAreStandardNormal) {
  for (const NoiseSource source : {NoiseSource::kPhilox, NoiseSource::kMt19937}) {
    const auto generator = MakeNoiseGenerator(source, 3);
    constexpr int kCount = 100'000;
    double sum = 0;
    double squares = 0;
    for (const float value : Draw(*generator, kCount)) {
      sum += value;
      squares += value * value;
    }
    EXPECT_NEAR(sum / kCount, 0, 0.02);
    EXPECT_NEAR(squares / kCount, 1, 0.02);
  }
}

}  // namespace
}  // namespace darkroom::diffusion
