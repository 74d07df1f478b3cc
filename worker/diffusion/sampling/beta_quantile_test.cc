#include "worker/diffusion/sampling/beta_quantile.h"

#include <cmath>
#include <numbers>

#include "gtest/gtest.h"

namespace darkroom::diffusion {
namespace {

TEST(BetaQuantileTest, HasItsKnownForms) {
  for (const double p : {0.001, 0.2, 0.5, 0.83, 0.9999}) {
    EXPECT_NEAR(BetaQuantile(p, 1, 1), p, 1e-14) << "uniform";
    EXPECT_NEAR(BetaQuantile(p, 3, 1), std::cbrt(p), 1e-14) << "a power";
    const double sine = std::sin(std::numbers::pi / 2 * p);
    EXPECT_NEAR(BetaQuantile(p, 0.5, 0.5), sine * sine, 1e-14) << "the arcsine law";
  }
}

TEST(BetaQuantileTest, IsTheInverseOfTheProbability) {
  for (const double a : {0.3, 0.6, 1.0, 7.0}) {
    for (const double b : {0.3, 0.6, 1.0, 7.0}) {
      for (const double p : {1e-4, 0.1, 0.5, 0.7}) {
        const double x = BetaQuantile(p, a, b);
        if (x > 1 - 1e-9) continue;  // too close to 1 for its distance to be known
        EXPECT_NEAR(BetaProbability(x, a, b), p, 1e-9) << a << " " << b;
      }
    }
  }
}

TEST(BetaQuantileTest, TheEndsAreExact) {
  EXPECT_EQ(BetaQuantile(0, 0.6, 0.6), 0);
  EXPECT_EQ(BetaQuantile(1, 0.6, 0.6), 1);
  EXPECT_EQ(BetaProbability(0, 0.6, 0.6), 0);
  EXPECT_EQ(BetaProbability(1, 0.6, 0.6), 1);
}

}  // namespace
}  // namespace darkroom::diffusion
