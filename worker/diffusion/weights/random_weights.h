#ifndef DARKROOM_WORKER_DIFFUSION_WEIGHTS_RANDOM_WEIGHTS_H_
#define DARKROOM_WORKER_DIFFUSION_WEIGHTS_RANDOM_WEIGHTS_H_

#include <cstdint>
#include <string>

#include "ATen/core/Generator.h"
#include "ATen/core/Tensor.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "worker/diffusion/weights/model_weights.h"
#include "worker/diffusion/weights/weight_source.h"

namespace darkroom::diffusion {

// Weights of a model that never was trained, so that one can be measured without a file. Matrices
// and kernels are uniform with variance 1 / inputs, norms are 1 and biases 0: activations keep
// about unit variance through any depth. The same seed and order of calls give the same weights, up
// to rounding in any dtype; they are drawn on the options' device, and every kind has others.
class RandomWeights : public WeightSource {
 public:
  RandomWeights(std::uint64_t seed, at::TensorOptions options);

  // Always false: no optional and no legacy tensor is there.
  bool Contains(const std::string& name) const override;
  absl::StatusOr<at::Tensor> Take(const std::string& name,
                                  absl::Span<const std::int64_t> shape) override;

 private:
  at::Generator generator_;
  at::TensorOptions options_;
};

// The parts of such a model, every part from the same seed.
class RandomModelWeights : public ModelWeights {
 public:
  explicit RandomModelWeights(std::uint64_t seed) : seed_(seed) {}

  absl::Status Load(absl::string_view part, const at::TensorOptions& options,
                    absl::FunctionRef<absl::Status(const WeightScope&)> load) override;

 private:
  const std::uint64_t seed_;
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_WEIGHTS_RANDOM_WEIGHTS_H_
