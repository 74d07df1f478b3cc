#ifndef DARKROOM_WORKER_DIFFUSION_UPSCALE_RRDB_NET_H_
#define DARKROOM_WORKER_DIFFUSION_UPSCALE_RRDB_NET_H_

#include <array>
#include <memory>
#include <vector>

#include "ATen/core/Tensor.h"
#include "absl/status/statusor.h"
#include "worker/diffusion/ops/ops.h"
#include "worker/diffusion/upscale/upscaler_layout.h"
#include "worker/diffusion/upscale/upscaler_network.h"
#include "worker/diffusion/weights/weight_source.h"

namespace darkroom::diffusion {

// Residual in residual dense blocks, then convolutions behind nearest-neighbour doublings (Wang et
// al. 2018, "ESRGAN", figure 4; xinntao/BasicSR, basicsr/archs/rrdbnet_arch.py).
class RrdbNet final : public UpscalerNetwork {
 public:
  // Errors as UpscalerNetwork::Load.
  static absl::StatusOr<RrdbNet> Load(const RrdbLayout& layout, const WeightScope& weights,
                                      at::Device device);

  at::Tensor Forward(const at::Tensor& x) const override;

 private:
  using Conv = std::unique_ptr<const Convolution>;
  using DenseBlock = std::array<Conv, 5>;
  using Block = std::array<DenseBlock, 3>;

  explicit RrdbNet(at::Device device) : UpscalerNetwork(device) {}

  // [1, features, h, w] to the same.
  at::Tensor Trunk(const at::Tensor& x) const;

  int unshuffle_ = 1;
  Conv first_;
  std::vector<Block> blocks_;
  Conv trunk_end_;
  std::vector<Conv> doublings_;
  Conv high_;
  Conv last_;
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_UPSCALE_RRDB_NET_H_
