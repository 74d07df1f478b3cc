#include "worker/diffusion/model/unet.h"

#include <optional>
#include <utility>

#include "ATen/ops/cat.h"
#include "common/status_macros.h"
#include "worker/diffusion/adapters/adaptable.h"
#include "worker/diffusion/model/time_embedding.h"
#include "worker/diffusion/model/unet_blocks.h"

namespace darkroom::diffusion {

class UNet::Network {
 public:
  static absl::StatusOr<std::unique_ptr<const Network>> Load(const UNetConfig& config,
                                                             const NetworkScope& weights,
                                                             const Ops* ops);

  at::Tensor Forward(const at::Tensor& sample, absl::Span<const double> timesteps,
                     const at::Tensor& context, const at::Tensor& added,
                     const RowAdapters* rows) const;

 private:
  Network(const Ops* ops, TimeEmbedding time, UNetMidBlock middle)
      : ops_(ops), time_(std::move(time)), middle_(std::move(middle)) {}

  const Ops* ops_;
  TimeEmbedding time_;
  AdaptableConvolution in_, out_;
  std::vector<UNetDownBlock> down_;
  UNetMidBlock middle_;
  std::vector<UNetUpBlock> up_;
  GroupNormWeights norm_;
};

absl::StatusOr<std::unique_ptr<const UNet::Network>> UNet::Network::Load(
    const UNetConfig& config, const NetworkScope& weights, const Ops* ops) {
  const int finest = config.levels.front().channels;
  DARKROOM_ASSIGN_OR_RETURN(TimeEmbedding time, TimeEmbedding::Load(config, weights, *ops));
  DARKROOM_ASSIGN_OR_RETURN(UNetMidBlock middle,
                            UNetMidBlock::Load(config, weights.Sub("mid_block"), ops));
  auto network = std::unique_ptr<Network>(new Network(ops, std::move(time), std::move(middle)));
  DARKROOM_ASSIGN_OR_RETURN(
      network->in_, LoadAdaptableConvolution(weights.Sub("conv_in"),
                                             {.in = config.in_channels, .out = finest}, *ops));
  const std::size_t levels = config.levels.size();
  for (std::size_t i = 0; i < levels; ++i) {
    const int place = static_cast<int>(i);
    DARKROOM_ASSIGN_OR_RETURN(
        UNetDownBlock down, UNetDownBlock::Load(config, i, weights.Sub("down_blocks", place), ops));
    network->down_.push_back(std::move(down));
    // Numbered from the coarsest level.
    DARKROOM_ASSIGN_OR_RETURN(
        UNetUpBlock up,
        UNetUpBlock::Load(config, levels - 1 - i, weights.Sub("up_blocks", place), ops));
    network->up_.push_back(std::move(up));
  }
  DARKROOM_ASSIGN_OR_RETURN(network->norm_, LoadGroupNorm(weights.Sub("conv_norm_out"), finest,
                                                          config.norm_num_groups, config.norm_eps));
  DARKROOM_ASSIGN_OR_RETURN(
      network->out_, LoadAdaptableConvolution(weights.Sub("conv_out"),
                                              {.in = finest, .out = config.out_channels}, *ops));
  return std::unique_ptr<const Network>(std::move(network));
}

at::Tensor UNet::Network::Forward(const at::Tensor& sample, absl::Span<const double> timesteps,
                                  const at::Tensor& context, const at::Tensor& added,
                                  const RowAdapters* rows) const {
  const TimeRows time = time_.Embed(timesteps, added, rows, context.options());
  at::Tensor x = in_.Forward(
      sample.to(context.scalar_type()).contiguous(at::MemoryFormat::ChannelsLast), rows);
  std::vector<at::Tensor> skips = {x};
  for (const UNetDownBlock& block : down_) x = block.Forward(x, time, context, rows, &skips);
  x = middle_.Forward(x, time, context, rows);
  for (const UNetUpBlock& block : up_) x = block.Forward(x, time, context, rows, &skips);
  return out_.Forward(ops_->GroupNorm(x, norm_, Activation::kSilu), rows).to(at::kFloat);
}

UNet::UNet(std::unique_ptr<const Network> network) : network_(std::move(network)) {}
UNet::UNet(UNet&&) noexcept = default;
UNet& UNet::operator=(UNet&&) noexcept = default;
UNet::~UNet() = default;

absl::StatusOr<UNet> UNet::Load(const UNetConfig& config, const NetworkScope& weights,
                                const Ops* ops) {
  DARKROOM_ASSIGN_OR_RETURN(auto network, Network::Load(config, weights, ops));
  return UNet(std::move(network));
}

at::Tensor UNet::Forward(const at::Tensor& sample, absl::Span<const double> timesteps,
                         const at::Tensor& context, const at::Tensor& added,
                         const RowAdapters* rows) const {
  if (timesteps.size() != 1) return network_->Forward(sample, timesteps, context, added, rows);
  const auto twice = [](const at::Tensor& row) { return at::cat({row, row}); };
  std::optional<RowAdapters> both;
  if (rows != nullptr) both.emplace(rows->Select({0, 0}));
  return network_
      ->Forward(twice(sample), {timesteps[0], timesteps[0]}, twice(context),
                added.defined() ? twice(added) : added, both.has_value() ? &*both : nullptr)
      .narrow(0, 0, 1);
}

}  // namespace darkroom::diffusion
