#include "worker/diffusion/upscale/rrdb_net.h"

#include <algorithm>
#include <string>
#include <utility>

#include "ATen/TensorOperators.h"
#include "ATen/ops/cat.h"
#include "ATen/ops/leaky_relu.h"
#include "ATen/ops/pad.h"
#include "ATen/ops/pixel_unshuffle.h"
#include "ATen/ops/upsample_nearest2d.h"
#include "common/status_macros.h"
#include "worker/diffusion/ops/load.h"
#include "worker/diffusion/ops/make_ops.h"

namespace darkroom::diffusion {
namespace {

constexpr double kSlope = 0.2;     // of the leaky ReLU
constexpr double kResidual = 0.2;  // of what a block adds
constexpr int kColourChannels = 3;

at::Tensor Activated(at::Tensor x) { return at::leaky_relu_(x, kSlope); }

// SizeRequirements of spandrel/architectures/ESRGAN and its pad_tensor: at least two pixels, and
// multiples of four where squares of them become channels.
at::Tensor Padded(at::Tensor x, int unshuffle) {
  const std::int64_t multiple = unshuffle == 1 ? 1 : 4;
  const auto missing = [&](std::int64_t side) {
    const std::int64_t least = std::max<std::int64_t>(side, 2);
    return (least + multiple - 1) / multiple * multiple - side;
  };
  const std::int64_t right = missing(x.size(3));
  const std::int64_t bottom = missing(x.size(2));
  if (right == 0 && bottom == 0) return x;
  // A mirror shows no more than there is; the rest repeats the edge.
  const std::int64_t mirrored_right = std::min(right, x.size(3) - 1);
  const std::int64_t mirrored_bottom = std::min(bottom, x.size(2) - 1);
  x = at::pad(x, {0, mirrored_right, 0, mirrored_bottom}, "reflect");
  return at::pad(x, {0, right - mirrored_right, 0, bottom - mirrored_bottom}, "replicate");
}

}  // namespace

absl::StatusOr<RrdbNet> RrdbNet::Load(const RrdbLayout& layout, const WeightScope& weights,
                                      at::Device device) {
  const std::unique_ptr<const Ops> ops = MakeOps(device);
  const RrdbNames names(layout);
  const auto load = [&](const std::string& name, int in, int out) {
    return LoadConvolution(weights.Sub(name), {.in = in, .out = out}, *ops);
  };
  const int features = layout.features;
  RrdbNet net(device);
  net.unshuffle_ = layout.unshuffle;
  DARKROOM_ASSIGN_OR_RETURN(
      net.first_,
      load(names.first, kColourChannels * layout.unshuffle * layout.unshuffle, features));
  for (int b = 0; b < layout.blocks; ++b) {
    Block block;
    for (int d = 0; d < static_cast<int>(block.size()); ++d) {
      for (int c = 0; c < static_cast<int>(block[d].size()); ++c) {
        const bool fifth = c + 1 == static_cast<int>(block[d].size());
        DARKROOM_ASSIGN_OR_RETURN(block[d][c],
                                  load(names.Dense(b, d + 1, c + 1), features + c * layout.growth,
                                       fifth ? features : layout.growth));
      }
    }
    net.blocks_.push_back(std::move(block));
  }
  DARKROOM_ASSIGN_OR_RETURN(net.trunk_end_, load(names.trunk_end, features, features));
  for (int i = 1; i <= layout.doublings; ++i) {
    DARKROOM_ASSIGN_OR_RETURN(Conv doubling, load(names.Doubling(i), features, features));
    net.doublings_.push_back(std::move(doubling));
  }
  DARKROOM_ASSIGN_OR_RETURN(net.high_, load(names.high, features, features));
  DARKROOM_ASSIGN_OR_RETURN(net.last_, load(names.last, features, kColourChannels));
  return net;
}

at::Tensor RrdbNet::Trunk(const at::Tensor& x) const {
  at::Tensor trunk = x;
  for (const Block& block : blocks_) {
    at::Tensor y = trunk;
    for (const DenseBlock& dense : block) {
      at::Tensor all = y;  // [1, features + i * growth, h, w]
      for (std::size_t i = 0; i + 1 < dense.size(); ++i) {
        all = at::cat({all, Activated(dense[i]->Forward(all))}, 1);
      }
      y = y + dense.back()->Forward(all).mul_(kResidual);
    }
    trunk = trunk + y.mul_(kResidual);
  }
  return trunk_end_->Forward(trunk, x);
}

at::Tensor RrdbNet::Forward(const at::Tensor& picture) const {
  at::Tensor x = Padded(picture, unshuffle_);
  if (unshuffle_ > 1) x = at::pixel_unshuffle(x, unshuffle_);
  x = Trunk(first_->Forward(x.contiguous(at::MemoryFormat::ChannelsLast)));
  for (const Conv& doubling : doublings_) {
    x = Activated(doubling->Forward(at::upsample_nearest2d(x, {2 * x.size(2), 2 * x.size(3)})));
  }
  x = last_->Forward(Activated(high_->Forward(x)));
  return x.narrow(2, 0, picture.size(2) * scale()).narrow(3, 0, picture.size(3) * scale());
}

}  // namespace darkroom::diffusion
