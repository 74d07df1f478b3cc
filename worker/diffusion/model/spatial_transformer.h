#ifndef DARKROOM_WORKER_DIFFUSION_MODEL_SPATIAL_TRANSFORMER_H_
#define DARKROOM_WORKER_DIFFUSION_MODEL_SPATIAL_TRANSFORMER_H_

#include <memory>
#include <vector>

#include "ATen/core/Tensor.h"
#include "absl/status/statusor.h"
#include "worker/diffusion/adapters/adaptable.h"
#include "worker/diffusion/model/transformer_block.h"
#include "worker/diffusion/ops/ops.h"

namespace darkroom::diffusion {

struct TransformerShape {
  int channels = 0;
  int heads = 0;
  int context = 0;  // channels of a context token
  int layers = 1;   // transformer blocks
  int groups = 32;
  bool linear_projection = false;  // projections stored as [C, C]
};

// Transformer blocks over the pixels of a picture as tokens, between two projections and around a
// residual (Rombach et al. 2022; diffusers' Transformer2DModel).
class SpatialTransformer {
 public:
  static absl::StatusOr<SpatialTransformer> Load(const TransformerShape& shape,
                                                 const NetworkScope& weights, const Ops* ops);

  // x [N, C, H, W], context [N, T, context], `rows` the adapters of the N rows, or null;
  // [N, C, H, W].
  at::Tensor Forward(const at::Tensor& x, const at::Tensor& context, const RowAdapters* rows) const;

 private:
  SpatialTransformer() = default;

  const Ops* ops_ = nullptr;
  GroupNormWeights norm_;
  AdaptableLinear project_in_, project_out_;
  std::vector<TransformerBlock> blocks_;
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_MODEL_SPATIAL_TRANSFORMER_H_
