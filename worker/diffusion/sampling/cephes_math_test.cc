#include "worker/diffusion/sampling/cephes_math.h"

#include <cmath>
#include <numbers>

#include "gtest/gtest.h"

namespace darkroom::diffusion {
namespace {

// That the roundings are torch's too is seen in the noise: tests/golden/seeds.
TEST(CephesMathTest, IsAsAccurateAsFloatsAre) {
  constexpr int kPoints = 100'000;
  for (int i = 1; i <= kPoints; ++i) {
    const float share = static_cast<float>(i) / kPoints;
    const double log = std::log(static_cast<double>(share));
    ASSERT_NEAR(CephesLog(share), log, 1e-7 * std::abs(log)) << share;
    const float angle = share * 2 * std::numbers::pi_v<float>;
    const SineAndCosine actual = CephesSineAndCosine(angle);
    ASSERT_NEAR(actual.sine, std::sin(static_cast<double>(angle)), 2e-7) << angle;
    ASSERT_NEAR(actual.cosine, std::cos(static_cast<double>(angle)), 2e-7) << angle;
  }
}

TEST(CephesMathTest, KnowsItsExactPoints) {
  EXPECT_EQ(CephesLog(1), 0);
  EXPECT_EQ(CephesSineAndCosine(0).sine, 0);
  EXPECT_EQ(CephesSineAndCosine(0).cosine, 1);
}

}  // namespace
}  // namespace darkroom::diffusion
