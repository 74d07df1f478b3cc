#ifndef DARKROOM_WORKER_DIFFUSION_ADAPTERS_RECORDING_WEIGHTS_H_
#define DARKROOM_WORKER_DIFFUSION_ADAPTERS_RECORDING_WEIGHTS_H_

#include <string>
#include <vector>

#include "ATen/core/Tensor.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "worker/diffusion/adapters/module_index.h"
#include "worker/diffusion/weights/weight_source.h"

namespace darkroom::diffusion {

// Passes weights on and notes which linears and convolutions a component is made of, in the order
// that it loads them. Token and position embeddings, which adapters do not change, are left out.
class RecordingWeights : public WeightSource {
 public:
  // `source` and `modules` outlive it.
  RecordingWeights(Component component, WeightSource* source, std::vector<AdaptableModule>* modules)
      : component_(component), source_(source), modules_(modules) {}

  bool Contains(const std::string& name) const override { return source_->Contains(name); }
  absl::StatusOr<at::Tensor> Take(const std::string& name,
                                  absl::Span<const std::int64_t> shape) override;

 private:
  Component component_;
  WeightSource* source_;
  std::vector<AdaptableModule>* modules_;
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_ADAPTERS_RECORDING_WEIGHTS_H_
