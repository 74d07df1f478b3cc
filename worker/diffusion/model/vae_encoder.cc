#include "worker/diffusion/model/vae_encoder.h"

#include <utility>

#include "ATen/ops/constant_pad_nd.h"
#include "common/status_macros.h"
#include "worker/diffusion/model/banded_picture.h"
#include "worker/diffusion/ops/load.h"
#include "worker/diffusion/ops/padding_mode.h"

namespace darkroom::diffusion {
namespace {

// With zeros to the right and below alone, as the model was trained; also where convolutions are
// circular, as this is not the convolution's own padding.
at::Tensor Downsample(const Convolution& convolution, const at::Tensor& x) {
  return convolution.Forward(at::constant_pad_nd(x, {0, 1, 0, 1}));
}

}  // namespace

absl::StatusOr<VaeEncoder> VaeEncoder::Load(const VaeConfig& config, const WeightScope& weights,
                                            const Ops* ops) {
  const WeightScope inner = weights.Sub("encoder");
  const std::vector<int>& channels = config.block_out_channels;
  DARKROOM_ASSIGN_OR_RETURN(VaeMidBlock middle,
                            VaeMidBlock::Load(config, inner.Sub("mid_block"), ops));
  VaeEncoder encoder(std::move(middle));
  encoder.ops_ = ops;
  DARKROOM_ASSIGN_OR_RETURN(
      encoder.in_, LoadConvolution(inner.Sub("conv_in"),
                                   {.in = config.in_channels, .out = channels.front()}, *ops));
  int in = channels.front();
  for (std::size_t i = 0; i < channels.size(); ++i) {
    const WeightScope block = inner.Sub("down_blocks", static_cast<int>(i));
    const int out = channels[i];
    Level level;
    DARKROOM_ASSIGN_OR_RETURN(level.resnets,
                              LoadVaeResnets(config, config.layers_per_block, in, out, block, ops));
    if (i + 1 < channels.size()) {
      const ConvolutionShape halving{.in = out, .out = out, .stride = 2, .padding = 0};
      DARKROOM_ASSIGN_OR_RETURN(
          level.downsample,
          LoadConvolution(block.Sub("downsamplers", 0).Sub("conv"), halving, *ops));
    }
    encoder.levels_.push_back(std::move(level));
    in = out;
  }
  DARKROOM_ASSIGN_OR_RETURN(encoder.norm_, LoadGroupNorm(inner.Sub("conv_norm_out"), in,
                                                         config.norm_num_groups, kVaeEpsilon));
  const int moments = 2 * config.latent_channels;
  DARKROOM_ASSIGN_OR_RETURN(
      encoder.out_, LoadConvolution(inner.Sub("conv_out"), {.in = in, .out = moments}, *ops));
  const ConvolutionShape pointwise{.in = moments, .out = moments, .kernel = 1, .padding = 0};
  DARKROOM_ASSIGN_OR_RETURN(encoder.quantization_,
                            LoadConvolution(weights.Sub("quant_conv"), pointwise, *ops));
  return encoder;
}

at::Tensor VaeEncoder::ForwardMiddle(at::Tensor x) const {
  for (const ResnetBlock& resnet : levels_.back().resnets) x = resnet.Forward(x, nullptr, nullptr);
  x = ops_->GroupNorm(middle_.Forward(x), norm_, Activation::kSilu);
  return quantization_->Forward(out_->Forward(x)).to(at::kFloat);
}

at::Tensor VaeEncoder::Forward(const at::Tensor& pixels) const {
  at::Tensor x = pixels.to(norm_.scale.scalar_type()).contiguous(at::MemoryFormat::ChannelsLast);
  x = in_->Forward(x);
  for (const Level& level : levels_) {
    if (level.downsample == nullptr) break;
    for (const ResnetBlock& resnet : level.resnets) x = resnet.Forward(x, nullptr, nullptr);
    x = Downsample(*level.downsample, x);
  }
  return ForwardMiddle(std::move(x));
}

at::Tensor VaeEncoder::ForwardInBands(const at::Tensor& pixels) const {
  const std::int64_t scale = std::int64_t{1} << (levels_.size() - 1);
  const at::ScalarType dtype = norm_.scale.scalar_type();
  BandedPicture picture(pixels, scale * LatentRowsOfBand(pixels.size(3) / scale, scale));
  picture.Apply([&](const at::Tensor& rows) {
    return in_->Forward(rows.to(dtype).contiguous(at::MemoryFormat::ChannelsLast));
  });
  for (const Level& level : levels_) {
    if (level.downsample == nullptr) break;
    for (const ResnetBlock& resnet : level.resnets) {
      picture.Apply(resnet, *ops_, [](const at::Tensor& rows) { return rows; });
    }
    const PaddingModeScope ends(PaddingMode::kZeros);  // of the picture, which Downsample pads
    picture.Apply([&](const at::Tensor& rows) { return Downsample(*level.downsample, rows); });
  }
  return ForwardMiddle(picture.Whole());
}

}  // namespace darkroom::diffusion
