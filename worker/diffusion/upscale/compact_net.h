#ifndef DARKROOM_WORKER_DIFFUSION_UPSCALE_COMPACT_NET_H_
#define DARKROOM_WORKER_DIFFUSION_UPSCALE_COMPACT_NET_H_

#include <memory>
#include <vector>

#include "ATen/core/Tensor.h"
#include "absl/status/statusor.h"
#include "worker/diffusion/ops/ops.h"
#include "worker/diffusion/upscale/upscaler_layout.h"
#include "worker/diffusion/upscale/upscaler_network.h"
#include "worker/diffusion/weights/weight_source.h"

namespace darkroom::diffusion {

// A row of convolutions with PReLUs between them, whose result is added to the picture of larger
// pixels (xinntao/Real-ESRGAN, realesrgan/archs/srvgg_arch.py, SRVGGNetCompact).
class CompactNet final : public UpscalerNetwork {
 public:
  // Errors as UpscalerNetwork::Load.
  static absl::StatusOr<CompactNet> Load(const CompactLayout& layout, const WeightScope& weights,
                                         at::Device device);

  at::Tensor Forward(const at::Tensor& x) const override;

 private:
  struct Layer {
    std::unique_ptr<const Convolution> convolution;
    at::Tensor slopes;  // [features] of the PReLU; undefined behind the last
  };

  explicit CompactNet(at::Device device) : UpscalerNetwork(device) {}

  std::vector<Layer> layers_;
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_UPSCALE_COMPACT_NET_H_
