#ifndef DARKROOM_WORKER_DIFFUSION_MODEL_UNET_BLOCKS_H_
#define DARKROOM_WORKER_DIFFUSION_MODEL_UNET_BLOCKS_H_

#include <memory>
#include <vector>

#include "ATen/core/Tensor.h"
#include "absl/status/statusor.h"
#include "worker/diffusion/adapters/adaptable.h"
#include "worker/diffusion/model/resnet_block.h"
#include "worker/diffusion/model/spatial_transformer.h"
#include "worker/diffusion/model/time_embedding.h"
#include "worker/diffusion/ops/ops.h"
#include "worker/diffusion/weights/model_config.h"

namespace darkroom::diffusion {

// The three kinds of block that a UNet is made of (diffusers' unet_2d_blocks). Pictures are
// [N, C, H, W], the context [N, T, context], `rows` the adapters of the N rows, or null.

// One level on the way down: resnets, each with a transformer behind it where the level has
// attention, and a halving of the size where it is not the last.
class UNetDownBlock {
 public:
  static absl::StatusOr<UNetDownBlock> Load(const UNetConfig& config, std::size_t level,
                                            const NetworkScope& weights, const Ops* ops);

  // Appends every intermediate picture to `skips`, for the way up; the last is also returned.
  at::Tensor Forward(at::Tensor x, const TimeRows& time, const at::Tensor& context,
                     const RowAdapters* rows, std::vector<at::Tensor>* skips) const;

 private:
  std::vector<ResnetBlock> resnets_;
  std::vector<SpatialTransformer> transformers_;  // none, or one a resnet
  AdaptableConvolution downsample_;
};

// Resnet, transformer, resnet at the coarsest level.
class UNetMidBlock {
 public:
  static absl::StatusOr<UNetMidBlock> Load(const UNetConfig& config, const NetworkScope& weights,
                                           const Ops* ops);

  at::Tensor Forward(const at::Tensor& x, const TimeRows& time, const at::Tensor& context,
                     const RowAdapters* rows) const;

 private:
  std::vector<ResnetBlock> resnets_;              // two
  std::vector<SpatialTransformer> transformers_;  // one
};

// One level on the way up: each resnet also sees a picture from the way down.
class UNetUpBlock {
 public:
  // `level` counts as on the way down.
  static absl::StatusOr<UNetUpBlock> Load(const UNetConfig& config, std::size_t level,
                                          const NetworkScope& weights, const Ops* ops);

  // Takes its pictures off the end of `skips`, and grows to the size of the then last one.
  at::Tensor Forward(at::Tensor x, const TimeRows& time, const at::Tensor& context,
                     const RowAdapters* rows, std::vector<at::Tensor>* skips) const;

 private:
  std::vector<ResnetBlock> resnets_;
  std::vector<SpatialTransformer> transformers_;  // none, or one a resnet
  AdaptableConvolution upsample_;
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_MODEL_UNET_BLOCKS_H_
