#include "worker/diffusion/guidance/parameterization.h"

#include <cmath>

#include "gtest/gtest.h"

namespace darkroom::diffusion {
namespace {

TEST(ParameterizationTest, BothPredictionsGiveBackTheImage) {
  // x = image + sigma * noise; v = (noise - sigma * image) / sqrt(sigma^2 + 1).
  const double image = 0.8;
  const double noise = -1.3;
  // The last is the largest sigma of a schedule with zero terminal SNR.
  for (const double sigma : {0.03, 1.0, 14.6, 4518.76}) {
    const double x = image + sigma * noise;
    const Parameterization epsilon = Parameterize(PredictionType::kEpsilon, sigma);
    EXPECT_NEAR(epsilon.c_skip * x + epsilon.c_out * noise, image, 1e-9);
    const Parameterization velocity = Parameterize(PredictionType::kVPrediction, sigma);
    const double v = (noise - sigma * image) / std::sqrt(sigma * sigma + 1);
    EXPECT_NEAR(velocity.c_skip * x + velocity.c_out * v, image, 1e-9);
  }
}

TEST(ParameterizationTest, TheNetworkSeesUnitVariance) {
  for (const PredictionType prediction : {PredictionType::kEpsilon, PredictionType::kVPrediction}) {
    for (const double sigma : {0.03, 1.0, 14.6}) {
      const double c_in = Parameterize(prediction, sigma).c_in;
      EXPECT_NEAR(c_in * c_in * (sigma * sigma + 1), 1, 1e-12);
    }
  }
}

}  // namespace
}  // namespace darkroom::diffusion
