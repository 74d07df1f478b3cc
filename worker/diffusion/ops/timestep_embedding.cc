#include "worker/diffusion/ops/timestep_embedding.h"

#include <cmath>

#include "ATen/TensorOperators.h"
#include "ATen/ops/arange.h"
#include "ATen/ops/cat.h"
#include "ATen/ops/zeros.h"

namespace darkroom::diffusion {

at::Tensor TimestepEmbedding(double timestep, int size, bool cosine_first, double frequency_shift) {
  const int half = size / 2;
  // Angles in float32, as the models were trained on: their error is part of the input.
  const at::Tensor frequency =
      (at::arange(half, at::kFloat) * -std::log(10000.0) / (half - frequency_shift))
          .exp();  // [half]
  const at::Tensor angle = frequency * timestep;
  const at::Tensor sine = angle.sin();
  const at::Tensor cosine = angle.cos();
  const at::Tensor padding = at::zeros(size % 2, at::kFloat);
  const at::Tensor embedding =
      cosine_first ? at::cat({cosine, sine, padding}) : at::cat({sine, cosine, padding});
  return embedding.unsqueeze(0);
}

}  // namespace darkroom::diffusion
