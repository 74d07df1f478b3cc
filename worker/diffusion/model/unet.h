#ifndef DARKROOM_WORKER_DIFFUSION_MODEL_UNET_H_
#define DARKROOM_WORKER_DIFFUSION_MODEL_UNET_H_

#include <memory>
#include <vector>

#include "ATen/core/Tensor.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "worker/diffusion/adapters/network_scope.h"
#include "worker/diffusion/adapters/row_adapters.h"
#include "worker/diffusion/ops/ops.h"
#include "worker/diffusion/weights/model_config.h"

namespace darkroom::diffusion {

// The denoiser of Stable Diffusion 1, 2 and XL (Rombach et al. 2022, "High-Resolution Image
// Synthesis with Latent Diffusion Models"; Podell et al. 2023, "SDXL"; diffusers'
// UNet2DConditionModel). Immutable once loaded.
class UNet {
 public:
  // `ops` outlives the model.
  static absl::StatusOr<UNet> Load(const UNetConfig& config, const NetworkScope& weights,
                                   const Ops* ops);

  UNet(UNet&&) noexcept;
  UNet& operator=(UNet&&) noexcept;
  ~UNet();

  // What the model predicts (noise, or velocity), [R, out_channels, h, w] float32.
  //   sample     [R, in_channels, h, w], of any floating dtype, on the model's device
  //   timesteps  R values in the units of training, 0 to 999; fractions allowed
  //   context    [R, T, cross_attention_dim], in the compute dtype
  //   added      [R, projection_class_embeddings_input_dim], of any floating dtype; undefined
  //              exactly where the config has no such vector
  //   rows       the adapters of the R rows, whose tensors are of the context's options; null for
  //              none
  // Convolutions pad as PaddingModeScope says, those of adapters likewise.
  // A row's result does not depend on the other rows, nor on how many there are: bit for bit where
  // ops.h promises it. A single row is run twice, because one row alone takes other kernels.
  at::Tensor Forward(const at::Tensor& sample, absl::Span<const double> timesteps,
                     const at::Tensor& context, const at::Tensor& added = {},
                     const RowAdapters* rows = nullptr) const;

 private:
  class Network;
  explicit UNet(std::unique_ptr<const Network> network);

  std::unique_ptr<const Network> network_;
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_MODEL_UNET_H_
