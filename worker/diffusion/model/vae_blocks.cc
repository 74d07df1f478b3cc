#include "worker/diffusion/model/vae_blocks.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "worker/diffusion/ops/load.h"

namespace darkroom::diffusion {

absl::StatusOr<std::vector<ResnetBlock>> LoadVaeResnets(const VaeConfig& config, int count, int in,
                                                        int out, const WeightScope& weights,
                                                        const Ops* ops) {
  std::vector<ResnetBlock> resnets;
  for (int i = 0; i < count; ++i) {
    const ResnetShape shape{.in = i == 0 ? in : out,
                            .out = out,
                            .groups = config.norm_num_groups,
                            .epsilon = kVaeEpsilon};
    DARKROOM_ASSIGN_OR_RETURN(
        ResnetBlock resnet, ResnetBlock::Load(shape, NetworkScope(weights.Sub("resnets", i)), ops));
    resnets.push_back(std::move(resnet));
  }
  return resnets;
}

absl::StatusOr<PixelAttention> PixelAttention::Load(const VaeConfig& config, int channels,
                                                    const WeightScope& weights, const Ops* ops) {
  // Files from before diffusers 0.15 have other names.
  const bool legacy = weights.Contains("query.weight");
  const auto load = [&](absl::string_view name, absl::string_view legacy_name) {
    return LoadLinear(weights.Sub(legacy ? legacy_name : name), channels, channels, Bias::kYes,
                      *ops);
  };
  PixelAttention attention;
  attention.ops_ = ops;
  DARKROOM_ASSIGN_OR_RETURN(attention.norm_, LoadGroupNorm(weights.Sub("group_norm"), channels,
                                                           config.norm_num_groups, kVaeEpsilon));
  DARKROOM_ASSIGN_OR_RETURN(attention.query_, load("to_q", "query"));
  DARKROOM_ASSIGN_OR_RETURN(attention.key_, load("to_k", "key"));
  DARKROOM_ASSIGN_OR_RETURN(attention.value_, load("to_v", "value"));
  DARKROOM_ASSIGN_OR_RETURN(attention.out_, load("to_out.0", "proj_attn"));
  return attention;
}

at::Tensor PixelAttention::Forward(const at::Tensor& x) const {
  const at::IntArrayRef size = x.sizes();
  // [N, C, H, W] to [N, H * W, C]: no copy of channels_last memory.
  const auto to_tokens = [&](const at::Tensor& picture) {
    return picture.permute({0, 2, 3, 1}).reshape({size[0], size[2] * size[3], size[1]});
  };
  const at::Tensor tokens = to_tokens(ops_->GroupNorm(x, norm_, Activation::kNone));
  const at::Tensor mixed =
      ops_->Attention(query_->Forward(tokens), key_->Forward(tokens), value_->Forward(tokens),
                      /*heads=*/1, /*causal=*/false);
  const at::Tensor out = out_->Forward(mixed, to_tokens(x));
  return out.view({size[0], size[2], size[3], size[1]}).permute({0, 3, 1, 2});
}

VaeMidBlock::VaeMidBlock(std::vector<ResnetBlock> resnets, PixelAttention attention)
    : resnets_(std::move(resnets)), attention_(std::move(attention)) {}

absl::StatusOr<VaeMidBlock> VaeMidBlock::Load(const VaeConfig& config, const WeightScope& weights,
                                              const Ops* ops) {
  const int channels = config.block_out_channels.back();
  DARKROOM_ASSIGN_OR_RETURN(auto resnets,
                            LoadVaeResnets(config, 2, channels, channels, weights, ops));
  DARKROOM_ASSIGN_OR_RETURN(
      PixelAttention attention,
      PixelAttention::Load(config, channels, weights.Sub("attentions", 0), ops));
  return VaeMidBlock(std::move(resnets), std::move(attention));
}

at::Tensor VaeMidBlock::Forward(const at::Tensor& x) const {
  return resnets_[1].Forward(attention_.Forward(resnets_[0].Forward(x, nullptr, nullptr)), nullptr,
                             nullptr);
}

}  // namespace darkroom::diffusion
