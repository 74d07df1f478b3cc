#include "worker/diffusion/model/unet_blocks.h"

#include <utility>

#include "ATen/ops/cat.h"
#include "ATen/ops/upsample_nearest2d.h"
#include "common/status_macros.h"

namespace darkroom::diffusion {
namespace {

absl::StatusOr<ResnetBlock> LoadResnet(const UNetConfig& config, int in, int out,
                                       const NetworkScope& weights, const Ops* ops) {
  return ResnetBlock::Load({.in = in,
                            .out = out,
                            .time = TimeEmbedding::Size(config),
                            .groups = config.norm_num_groups,
                            .epsilon = config.norm_eps},
                           weights, ops);
}

absl::StatusOr<SpatialTransformer> LoadTransformer(const UNetConfig& config, std::size_t level,
                                                   const NetworkScope& weights, const Ops* ops) {
  return SpatialTransformer::Load({.channels = config.levels[level].channels,
                                   .heads = config.levels[level].heads,
                                   .context = config.cross_attention_dim,
                                   .layers = config.levels[level].transformer_layers,
                                   .groups = config.norm_num_groups,
                                   .linear_projection = config.use_linear_projection},
                                  weights, ops);
}

}  // namespace

absl::StatusOr<UNetDownBlock> UNetDownBlock::Load(const UNetConfig& config, std::size_t level,
                                                  const NetworkScope& weights, const Ops* ops) {
  const int out = config.levels[level].channels;
  int in = level == 0 ? out : config.levels[level - 1].channels;
  UNetDownBlock block;
  for (int i = 0; i < config.layers_per_block; ++i) {
    DARKROOM_ASSIGN_OR_RETURN(ResnetBlock resnet,
                              LoadResnet(config, in, out, weights.Sub("resnets", i), ops));
    block.resnets_.push_back(std::move(resnet));
    in = out;
    if (!config.levels[level].down_attention) continue;
    DARKROOM_ASSIGN_OR_RETURN(SpatialTransformer transformer,
                              LoadTransformer(config, level, weights.Sub("attentions", i), ops));
    block.transformers_.push_back(std::move(transformer));
  }
  if (level + 1 < config.levels.size()) {
    DARKROOM_ASSIGN_OR_RETURN(block.downsample_,
                              LoadAdaptableConvolution(weights.Sub("downsamplers", 0).Sub("conv"),
                                                       {.in = out, .out = out, .stride = 2}, *ops));
  }
  return block;
}

at::Tensor UNetDownBlock::Forward(at::Tensor x, const TimeRows& time, const at::Tensor& context,
                                  const RowAdapters* rows, std::vector<at::Tensor>* skips) const {
  for (std::size_t i = 0; i < resnets_.size(); ++i) {
    x = resnets_[i].Forward(x, &time, rows);
    if (!transformers_.empty()) x = transformers_[i].Forward(x, context, rows);
    skips->push_back(x);
  }
  if (downsample_.empty()) return x;
  x = downsample_.Forward(x, rows);
  skips->push_back(x);
  return x;
}

absl::StatusOr<UNetMidBlock> UNetMidBlock::Load(const UNetConfig& config,
                                                const NetworkScope& weights, const Ops* ops) {
  const int channels = config.levels.back().channels;
  UNetMidBlock block;
  for (int i = 0; i < 2; ++i) {
    DARKROOM_ASSIGN_OR_RETURN(
        ResnetBlock resnet, LoadResnet(config, channels, channels, weights.Sub("resnets", i), ops));
    block.resnets_.push_back(std::move(resnet));
  }
  DARKROOM_ASSIGN_OR_RETURN(
      SpatialTransformer transformer,
      LoadTransformer(config, config.levels.size() - 1, weights.Sub("attentions", 0), ops));
  block.transformers_.push_back(std::move(transformer));
  return block;
}

at::Tensor UNetMidBlock::Forward(const at::Tensor& x, const TimeRows& time,
                                 const at::Tensor& context, const RowAdapters* rows) const {
  const at::Tensor first = resnets_[0].Forward(x, &time, rows);
  return resnets_[1].Forward(transformers_[0].Forward(first, context, rows), &time, rows);
}

absl::StatusOr<UNetUpBlock> UNetUpBlock::Load(const UNetConfig& config, std::size_t level,
                                              const NetworkScope& weights, const Ops* ops) {
  const int out = config.levels[level].channels;
  const bool coarsest = level + 1 == config.levels.size();
  int in = coarsest ? out : config.levels[level + 1].channels;
  // One resnet more than on the way down: it sees what entered the level there.
  const int layers = config.layers_per_block + 1;
  const int entered = level == 0 ? out : config.levels[level - 1].channels;
  UNetUpBlock block;
  for (int i = 0; i < layers; ++i) {
    const int skip = i + 1 == layers ? entered : out;
    DARKROOM_ASSIGN_OR_RETURN(ResnetBlock resnet,
                              LoadResnet(config, in + skip, out, weights.Sub("resnets", i), ops));
    block.resnets_.push_back(std::move(resnet));
    in = out;
    if (!config.levels[level].up_attention) continue;
    DARKROOM_ASSIGN_OR_RETURN(SpatialTransformer transformer,
                              LoadTransformer(config, level, weights.Sub("attentions", i), ops));
    block.transformers_.push_back(std::move(transformer));
  }
  if (level > 0) {
    DARKROOM_ASSIGN_OR_RETURN(block.upsample_,
                              LoadAdaptableConvolution(weights.Sub("upsamplers", 0).Sub("conv"),
                                                       {.in = out, .out = out}, *ops));
  }
  return block;
}

at::Tensor UNetUpBlock::Forward(at::Tensor x, const TimeRows& time, const at::Tensor& context,
                                const RowAdapters* rows, std::vector<at::Tensor>* skips) const {
  for (std::size_t i = 0; i < resnets_.size(); ++i) {
    x = resnets_[i].Forward(at::cat({x, skips->back()}, 1), &time, rows);
    skips->pop_back();
    if (!transformers_.empty()) x = transformers_[i].Forward(x, context, rows);
  }
  if (upsample_.empty()) return x;
  // Not simply twice the size: an odd size was rounded up on the way down.
  const at::Tensor& next = skips->back();
  return upsample_.Forward(at::upsample_nearest2d(x, {next.size(2), next.size(3)}), rows);
}

}  // namespace darkroom::diffusion
