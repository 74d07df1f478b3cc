#include "worker/diffusion/upscale/compact_net.h"

#include <utility>

#include "ATen/TensorOperators.h"
#include "ATen/ops/pixel_shuffle.h"
#include "ATen/ops/prelu.h"
#include "ATen/ops/upsample_nearest2d.h"
#include "common/status_macros.h"
#include "worker/diffusion/ops/load.h"
#include "worker/diffusion/ops/make_ops.h"

namespace darkroom::diffusion {

absl::StatusOr<CompactNet> CompactNet::Load(const CompactLayout& layout, const WeightScope& weights,
                                            at::Device device) {
  constexpr int kColours = 3;
  const std::unique_ptr<const Ops> ops = MakeOps(device);
  CompactNet net(device);
  int in = kColours;
  for (int i = 0; i < layout.convolutions + 2; ++i) {
    const bool last = i == layout.convolutions + 1;
    const int out = last ? kColours * layout.scale * layout.scale : layout.features;
    Layer layer;
    DARKROOM_ASSIGN_OR_RETURN(layer.convolution, LoadConvolution(weights.Sub("body", 2 * i),
                                                                 {.in = in, .out = out}, *ops));
    if (!last) {
      DARKROOM_ASSIGN_OR_RETURN(layer.slopes, weights.Sub("body", 2 * i + 1).Take("weight", {out}));
    }
    net.layers_.push_back(std::move(layer));
    in = out;
  }
  return net;
}

at::Tensor CompactNet::Forward(const at::Tensor& picture) const {
  at::Tensor x = picture.contiguous(at::MemoryFormat::ChannelsLast);
  for (const Layer& layer : layers_) {
    x = layer.convolution->Forward(x);
    if (layer.slopes.defined()) x = at::prelu(x, layer.slopes);
  }
  const at::Tensor large =
      at::upsample_nearest2d(picture, {picture.size(2) * scale(), picture.size(3) * scale()});
  return at::pixel_shuffle(x, scale()) + large;
}

}  // namespace darkroom::diffusion
