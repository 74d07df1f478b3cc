#include "worker/diffusion/model/vae_decoder.h"

#include <utility>

#include "ATen/ops/upsample_nearest2d.h"
#include "common/status_macros.h"
#include "worker/diffusion/model/banded_picture.h"
#include "worker/diffusion/ops/load.h"

namespace darkroom::diffusion {
namespace {

at::Tensor Upsample(const Convolution& convolution, const at::Tensor& x) {
  return convolution.Forward(at::upsample_nearest2d(x, {2 * x.size(2), 2 * x.size(3)}));
}

}  // namespace

absl::StatusOr<VaeDecoder> VaeDecoder::Load(const VaeConfig& config, const WeightScope& weights,
                                            const Ops* ops) {
  const WeightScope inner = weights.Sub("decoder");
  const std::vector<int>& channels = config.block_out_channels;
  DARKROOM_ASSIGN_OR_RETURN(VaeMidBlock middle,
                            VaeMidBlock::Load(config, inner.Sub("mid_block"), ops));
  VaeDecoder decoder(std::move(middle));
  decoder.ops_ = ops;
  const ConvolutionShape pointwise{
      .in = config.latent_channels, .out = config.latent_channels, .kernel = 1, .padding = 0};
  DARKROOM_ASSIGN_OR_RETURN(decoder.post_quantization_,
                            LoadConvolution(weights.Sub("post_quant_conv"), pointwise, *ops));
  DARKROOM_ASSIGN_OR_RETURN(
      decoder.in_, LoadConvolution(inner.Sub("conv_in"),
                                   {.in = config.latent_channels, .out = channels.back()}, *ops));
  int in = channels.back();
  for (std::size_t i = 0; i < channels.size(); ++i) {
    const int out = channels[channels.size() - 1 - i];
    const WeightScope block = inner.Sub("up_blocks", static_cast<int>(i));
    Level level;
    DARKROOM_ASSIGN_OR_RETURN(
        level.resnets, LoadVaeResnets(config, config.layers_per_block + 1, in, out, block, ops));
    if (i + 1 < channels.size()) {
      DARKROOM_ASSIGN_OR_RETURN(
          level.upsample,
          LoadConvolution(block.Sub("upsamplers", 0).Sub("conv"), {.in = out, .out = out}, *ops));
    }
    decoder.levels_.push_back(std::move(level));
    in = out;
  }
  DARKROOM_ASSIGN_OR_RETURN(decoder.norm_,
                            LoadGroupNorm(inner.Sub("conv_norm_out"), channels.front(),
                                          config.norm_num_groups, kVaeEpsilon));
  DARKROOM_ASSIGN_OR_RETURN(
      decoder.out_, LoadConvolution(inner.Sub("conv_out"),
                                    {.in = channels.front(), .out = config.out_channels}, *ops));
  return decoder;
}

at::Tensor VaeDecoder::ForwardMiddle(const at::Tensor& latents) const {
  const at::Tensor x =
      latents.to(norm_.scale.scalar_type()).contiguous(at::MemoryFormat::ChannelsLast);
  return middle_.Forward(in_->Forward(post_quantization_->Forward(x)));
}

at::Tensor VaeDecoder::Forward(const at::Tensor& latents) const {
  at::Tensor x = ForwardMiddle(latents);
  for (const Level& level : levels_) {
    for (const ResnetBlock& resnet : level.resnets) x = resnet.Forward(x, nullptr, nullptr);
    if (level.upsample != nullptr) x = Upsample(*level.upsample, x);
  }
  return out_->Forward(ops_->GroupNorm(x, norm_, Activation::kSilu)).to(at::kFloat);
}

at::Tensor VaeDecoder::ForwardInBands(const at::Tensor& latents) const {
  at::Tensor x = ForwardMiddle(latents);
  for (const ResnetBlock& resnet : levels_.front().resnets) x = resnet.Forward(x, nullptr, nullptr);
  BandedPicture picture(x, LatentRowsOfBand(latents.size(3), 1 << (levels_.size() - 1)));
  x.reset();
  const auto as_is = [](const at::Tensor& rows) { return rows; };
  for (std::size_t i = 1; i < levels_.size(); ++i) {
    const auto larger = [&](const at::Tensor& rows) {
      return Upsample(*levels_[i - 1].upsample, rows);
    };
    const std::vector<ResnetBlock>& resnets = levels_[i].resnets;
    // Together with the level's first resnet: what lies between them is the widest of all.
    picture.Apply(resnets.front(), *ops_, larger);
    for (std::size_t k = 1; k < resnets.size(); ++k) picture.Apply(resnets[k], *ops_, as_is);
  }
  const GroupSums sums = picture.Sum(*ops_, norm_.groups, as_is);
  picture.Apply([&](const at::Tensor& rows) {
    return out_->Forward(ops_->GroupNormOfPart(rows, sums, norm_, Activation::kSilu))
        .to(at::kFloat);
  });
  return picture.Whole();
}

}  // namespace darkroom::diffusion
