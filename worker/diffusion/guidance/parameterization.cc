#include "worker/diffusion/guidance/parameterization.h"

#include <cmath>

namespace darkroom::diffusion {

Parameterization Parameterize(PredictionType prediction, double sigma) {
  const double variance = sigma * sigma + 1;  // of x: images have about unit variance
  const double c_in = 1 / std::sqrt(variance);
  if (prediction == PredictionType::kVPrediction) {
    return {.c_skip = 1 / variance, .c_out = -sigma * c_in, .c_in = c_in};
  }
  return {.c_skip = 1, .c_out = -sigma, .c_in = c_in};
}

}  // namespace darkroom::diffusion
