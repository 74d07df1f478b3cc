#include "worker/diffusion/adapters/recording_weights.h"

#include "absl/strings/match.h"
#include "absl/strings/strip.h"

namespace darkroom::diffusion {

absl::StatusOr<at::Tensor> RecordingWeights::Take(const std::string& name,
                                                  absl::Span<const std::int64_t> shape) {
  absl::string_view module = name;
  const bool matrix = absl::ConsumeSuffix(&module, ".weight") && shape.size() >= 2;
  if (matrix && !absl::StrContains(module, "embeddings.")) {
    modules_->push_back({.component = component_,
                         .name = std::string(module),
                         .shape = {shape.begin(), shape.end()}});
  }
  return source_->Take(name, shape);
}

}  // namespace darkroom::diffusion
