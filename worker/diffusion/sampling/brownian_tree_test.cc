#include "worker/diffusion/sampling/brownian_tree.h"

#include <cmath>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace darkroom::diffusion {
namespace {

using ::testing::Each;
using ::testing::FloatNear;
using ::testing::Pointwise;

// Stable Diffusion's smallest and largest sigma in float32. The tree rounds the first one up, the
// other one down.
constexpr double kStart = 0.02916753850877285;
constexpr double kEnd = 14.614643096923828;
constexpr std::size_t kSize = 32;

BrownianTree Tree(NoiseSource source = NoiseSource::kPhilox, std::uint64_t seed = 1234) {
  return BrownianTree(source, seed, kStart, kEnd, kSize);
}

std::vector<float> Increment(BrownianTree& tree, double from, double to) {
  std::vector<float> increment(kSize);
  tree.Increment(from, to, absl::MakeSpan(increment));
  return increment;
}

double Norm(const std::vector<float>& values) {
  double squares = 0;
  for (const float value : values) squares += double{value} * value;
  return std::sqrt(squares);
}

// torchsde 0.2.6: BrownianTree(kStart, zeros, kEnd, entropy=1234), with AUTOMATIC1111's generator
// or its own one.
struct Reference {
  NoiseSource source;
  double from;
  double to;
  float first;
  float second;
  float last;
  double norm;
};

constexpr auto kPhilox = NoiseSource::kPhilox;
constexpr auto kMt19937 = NoiseSource::kMt19937;
constexpr Reference kReferences[] = {
    {kPhilox, 9.5, kEnd, -0.420066595, -1.00689077, -1.83568883, 9.54381522},
    {kPhilox, 2.25, 9.5, 0.577730238, 7.3064332, -1.90452504, 17.0933788},
    {kPhilox, 2.0, 2.25, -0.567944407, -0.789817572, 0.327586442, 2.92371862},
    {kPhilox, 0.0291675, 0.03, 0.0103397947, 0.0295957308, -0.0164667573, 0.169600004},
    {kPhilox, 1.0, 1.000001, 0.00115190074, 0.00046326482, -0.000306308124, 0.00502324882},
    {kPhilox, 0.5, 12.0, -3.47466516, 5.5875926, -2.22681713, 19.4808798},
    {kMt19937, 9.5, kEnd, -0.358331859, -0.800816059, 2.82929492, 12.3114525},
    {kMt19937, 2.25, 9.5, 4.53582478, 4.05512619, 0.276367813, 19.1530367},
    {kMt19937, 2.0, 2.25, 0.130914181, -0.481344432, 0.125937253, 2.26173231},
    {kMt19937, 0.0291675, 0.03, -0.0678226873, -0.0192651972, -0.0238955934, 0.143795186},
    {kMt19937, 1.0, 1.000001, -0.000804422772, -0.000770992599, 0.000412455061, 0.00546304624},
    {kMt19937, 0.5, 12.0, 1.69809294, 2.01991153, -1.13768077, 20.6443698},
};

TEST(BrownianTreeTest, IncrementsAreThoseOfTorchsde) {
  for (const Reference& reference : kReferences) {
    BrownianTree tree = Tree(reference.source);
    const std::vector<float> increment = Increment(tree, reference.from, reference.to);
    const double tolerance = 1e-6 * reference.norm;
    EXPECT_NEAR(increment[0], reference.first, tolerance) << reference.from;
    EXPECT_NEAR(increment[1], reference.second, tolerance) << reference.from;
    EXPECT_NEAR(increment[kSize - 1], reference.last, tolerance) << reference.from;
    EXPECT_NEAR(Norm(increment), reference.norm, tolerance) << reference.from;
  }
}

TEST(BrownianTreeTest, OrderAndRepetitionOfQuestionsDoNotMatter) {
  BrownianTree falling = Tree();
  BrownianTree mixed = Tree();
  Increment(mixed, 0.7, 0.9);
  const std::vector<double> times = {0.05, 0.4, 1.3, 3.7, 8.1, 14.2};
  std::vector<std::vector<float>> expected;
  for (std::size_t i = times.size() - 1; i > 0; --i) {
    expected.push_back(Increment(falling, times[i - 1], times[i]));
  }
  for (std::size_t i = 1; i < times.size(); ++i) {
    EXPECT_EQ(Increment(mixed, times[i - 1], times[i]), expected[times.size() - 1 - i]) << i;
  }
}

TEST(BrownianTreeTest, PartsAddUpToTheWhole) {
  BrownianTree tree = Tree();
  std::vector<float> sum = Increment(tree, 0.3, 2.9);
  const std::vector<float> rest = Increment(tree, 2.9, 11.7);
  for (std::size_t i = 0; i < kSize; ++i) sum[i] += rest[i];
  EXPECT_THAT(Increment(tree, 0.3, 11.7), Pointwise(FloatNear(1e-5f), sum));
}

TEST(BrownianTreeTest, TimesOutsideCountAsTheEndsAndNoTimeIsNoMotion) {
  BrownianTree tree = Tree();
  EXPECT_EQ(Increment(tree, -1, 100), Increment(tree, kStart, kEnd));
  EXPECT_THAT(Increment(tree, 3, 3.0000001), Each(0.0f));
}

TEST(BrownianTreeTest, SeedsDiffer) {
  BrownianTree one = Tree(NoiseSource::kPhilox, 1);
  BrownianTree two = Tree(NoiseSource::kPhilox, 2);
  EXPECT_NE(Increment(one, 1, 2), Increment(two, 1, 2));
}

TEST(BrownianTreeTest, VarianceIsTheLengthOfTime) {
  constexpr std::size_t kMany = 20'000;
  BrownianTree tree(NoiseSource::kPhilox, 3, kStart, kEnd, kMany);
  std::vector<float> increment(kMany);
  tree.Increment(1.7, 3.1, absl::MakeSpan(increment));
  const double norm = Norm(increment);
  EXPECT_NEAR(norm * norm / kMany, 3.1 - 1.7, 0.05);
}

}  // namespace
}  // namespace darkroom::diffusion
