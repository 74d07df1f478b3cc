#ifndef DARKROOM_WORKER_DIFFUSION_WEIGHTS_WEIGHT_SOURCE_H_
#define DARKROOM_WORKER_DIFFUSION_WEIGHTS_WEIGHT_SOURCE_H_

#include <string>

#include "ATen/core/Tensor.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace darkroom::diffusion {

// Where a model takes its weights from while it loads. Not thread-safe.
class WeightSource {
 public:
  virtual ~WeightSource() = default;

  virtual bool Contains(const std::string& name) const = 0;

  // A dense tensor of this shape, on the device and in the dtype that the source was made for.
  // INVALID_ARGUMENT names the tensor and the source when it is absent or of another shape.
  virtual absl::StatusOr<at::Tensor> Take(const std::string& name,
                                          absl::Span<const std::int64_t> shape) = 0;
};

// The weights below a name: Sub("resnets", 0).Take("conv1.weight", ...). The source outlives it.
class WeightScope {
 public:
  explicit WeightScope(WeightSource* source) : source_(source) {}

  WeightScope Sub(absl::string_view name) const {
    return WeightScope(source_, absl::StrCat(prefix_, name, "."));
  }
  WeightScope Sub(absl::string_view name, int index) const {
    return WeightScope(source_, absl::StrCat(prefix_, name, ".", index, "."));
  }

  // "" of the whole source, else with a dot at its end.
  const std::string& prefix() const { return prefix_; }

  bool Contains(absl::string_view name) const {
    return source_->Contains(absl::StrCat(prefix_, name));
  }
  absl::StatusOr<at::Tensor> Take(absl::string_view name,
                                  absl::Span<const std::int64_t> shape) const {
    return source_->Take(absl::StrCat(prefix_, name), shape);
  }

 private:
  WeightScope(WeightSource* source, std::string prefix)
      : source_(source), prefix_(std::move(prefix)) {}

  WeightSource* source_;
  std::string prefix_;
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_WEIGHTS_WEIGHT_SOURCE_H_
