#include "worker/diffusion/ops/timestep_embedding.h"

#include <cmath>

#include "ATen/ops/zeros.h"

namespace darkroom::diffusion {

at::Tensor TimestepEmbedding(double timestep, int size, bool cosine_first, double frequency_shift) {
  const int half = size / 2;
  at::Tensor embedding = at::zeros({1, size}, at::kFloat);
  float* const values = embedding.mutable_data_ptr<float>();
  float* const sines = values + (cosine_first ? half : 0);
  float* const cosines = values + (cosine_first ? 0 : half);
  for (int i = 0; i < half; ++i) {
    // Angles in float32, as the models were trained on: their error is part of the input.
    const float frequency =
        std::exp(static_cast<float>(-std::log(10000.0)) * static_cast<float>(i) /
                 static_cast<float>(half - frequency_shift));
    const float angle = static_cast<float>(timestep) * frequency;
    sines[i] = std::sin(angle);
    cosines[i] = std::cos(angle);
  }
  return embedding;
}

}  // namespace darkroom::diffusion
