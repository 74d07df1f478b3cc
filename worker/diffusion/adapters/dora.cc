#include <limits>
#include <utility>

#include "ATen/TensorOperators.h"
#include "ATen/ops/linalg_vector_norm.h"
#include "common/status_macros.h"
#include "worker/diffusion/adapters/kinds.h"

namespace darkroom::diffusion {
namespace {

class Dora : public Adapter {
 public:
  // `norms`: [out, 1] or [1, in].
  Dora(std::unique_ptr<const Adapter> inner, at::Tensor norms, bool of_outputs)
      : inner_(std::move(inner)), norms_(std::move(norms)), of_outputs_(of_outputs) {}

  at::Tensor Delta(const at::Tensor& base) const override {
    const at::Tensor weight = base.to(at::kFloat);
    const auto [out, in] = std::pair(base.size(0), base.size(1));
    // [out, in, height * width]
    const at::Tensor changed = (weight + inner_->Delta(base)).reshape({out, in, -1});
    const std::int64_t other = of_outputs_ ? 1 : 0;
    const at::Tensor norm = at::linalg_vector_norm(changed, 2, at::IntArrayRef({other, 2}), true);
    // As in LyCORIS, so that a channel of zeros stays one.
    const at::Tensor scale =
        norms_.to(base.device()).unsqueeze(-1) / (norm + std::numeric_limits<float>::epsilon());
    return (changed * scale).view(base.sizes()).sub_(weight);
  }

 private:
  std::unique_ptr<const Adapter> inner_;
  at::Tensor norms_;
  bool of_outputs_;
};

}  // namespace

AdapterOr MakeDora(ModuleTensors* tensors, const WeightShape& shape,
                   std::unique_ptr<const Adapter> inner) {
  if (tensors->Contains("lora_magnitude_vector")) {  // PEFT's, always of outputs
    DARKROOM_ASSIGN_OR_RETURN(const std::int64_t leading,
                              tensors->Size("lora_magnitude_vector", 0));
    const bool flat = leading != 1 || shape.out == 1;
    DARKROOM_ASSIGN_OR_RETURN(const at::Tensor norms,
                              flat ? tensors->Take("lora_magnitude_vector", {shape.out, 1})
                                   : tensors->Take("lora_magnitude_vector", {1, shape.out}));
    return std::make_unique<const Dora>(std::move(inner), norms.reshape({shape.out, 1}), true);
  }
  DARKROOM_ASSIGN_OR_RETURN(const std::int64_t leading, tensors->Size("dora_scale", 0));
  const bool of_outputs = leading == shape.out;
  DARKROOM_ASSIGN_OR_RETURN(at::Tensor norms, of_outputs
                                                  ? tensors->Take("dora_scale", {shape.out, 1})
                                                  : tensors->Take("dora_scale", {1, shape.in}));
  return std::make_unique<const Dora>(std::move(inner), std::move(norms), of_outputs);
}

}  // namespace darkroom::diffusion
