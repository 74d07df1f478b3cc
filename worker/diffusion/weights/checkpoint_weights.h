#ifndef DARKROOM_WORKER_DIFFUSION_WEIGHTS_CHECKPOINT_WEIGHTS_H_
#define DARKROOM_WORKER_DIFFUSION_WEIGHTS_CHECKPOINT_WEIGHTS_H_

#include <memory>
#include <utility>

#include "ATen/core/Tensor.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "worker/diffusion/weights/checkpoint.h"
#include "worker/diffusion/weights/model_weights.h"

namespace darkroom::diffusion {

// The parts of a single-file checkpoint. A part is read at once, as TensorReader does. Errors name
// tensors as the file does.
class CheckpointWeights : public ModelWeights {
 public:
  explicit CheckpointWeights(Checkpoint checkpoint) : checkpoint_(std::move(checkpoint)) {}

  absl::Status Load(absl::string_view part, const at::TensorOptions& options,
                    absl::FunctionRef<absl::Status(const WeightScope&)> load) override;

 private:
  const Checkpoint checkpoint_;
};

// A model's parts, but for its VAE, which is a separate one: the model's config must have its
// VaeConfig.
class SeparateVaeWeights : public ModelWeights {
 public:
  SeparateVaeWeights(std::unique_ptr<ModelWeights> weights, SeparateVae vae)
      : weights_(std::move(weights)), vae_(std::move(vae)) {}

  absl::Status Load(absl::string_view part, const at::TensorOptions& options,
                    absl::FunctionRef<absl::Status(const WeightScope&)> load) override;

 private:
  const std::unique_ptr<ModelWeights> weights_;
  const SeparateVae vae_;
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_WEIGHTS_CHECKPOINT_WEIGHTS_H_
