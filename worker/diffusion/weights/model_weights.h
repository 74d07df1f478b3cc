#ifndef DARKROOM_WORKER_DIFFUSION_WEIGHTS_MODEL_WEIGHTS_H_
#define DARKROOM_WORKER_DIFFUSION_WEIGHTS_MODEL_WEIGHTS_H_

#include "ATen/core/Tensor.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "worker/diffusion/weights/weight_source.h"

namespace darkroom::diffusion {

// The weights of a model's parts, wherever they are stored, under the names that diffusers and
// transformers give them. Not thread-safe.
class ModelWeights {
 public:
  virtual ~ModelWeights() = default;

  // Lends the weights of a part, "unet", "vae" or what TextEncoderPart returns, to `load`, as
  // tensors of these options. A part may be loaded several times. Returns what `load` does, or
  // NOT_FOUND without the part; INVALID_ARGUMENT where `load` left weights of the part that it
  // should have taken: they are of another architecture than the config says.
  virtual absl::Status Load(absl::string_view part, const at::TensorOptions& options,
                            absl::FunctionRef<absl::Status(const WeightScope&)> load) = 0;
};

// A part as `load` makes it: a WeightScope to a StatusOr<Part>.
template <typename Part, typename Load>
absl::StatusOr<Part> LoadPart(ModelWeights& weights, absl::string_view name,
                              const at::TensorOptions& options, const Load& load) {
  absl::StatusOr<Part> part = absl::UnknownError("not loaded");
  const absl::Status status = weights.Load(name, options, [&](const WeightScope& scope) {
    part = load(scope);
    return part.status();
  });
  if (!status.ok()) return status;
  return part;
}

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_WEIGHTS_MODEL_WEIGHTS_H_
