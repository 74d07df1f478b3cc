#include "worker/diffusion/model/vae_decoder.h"

#include <utility>

#include "ATen/ops/upsample_nearest2d.h"
#include "common/status_macros.h"
#include "worker/diffusion/ops/load.h"

namespace darkroom::diffusion {

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

at::Tensor VaeDecoder::Forward(const at::Tensor& latents) const {
  at::Tensor x = latents.to(norm_.scale.scalar_type()).contiguous(at::MemoryFormat::ChannelsLast);
  x = middle_.Forward(in_->Forward(post_quantization_->Forward(x)));
  for (const Level& level : levels_) {
    for (const ResnetBlock& resnet : level.resnets) x = resnet.Forward(x, nullptr, nullptr);
    if (level.upsample == nullptr) continue;
    x = level.upsample->Forward(at::upsample_nearest2d(x, {2 * x.size(2), 2 * x.size(3)}));
  }
  return out_->Forward(ops_->GroupNorm(x, norm_, Activation::kSilu)).to(at::kFloat);
}

}  // namespace darkroom::diffusion
