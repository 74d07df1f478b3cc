#include "worker/diffusion/model/vae.h"

#include <utility>

#include "ATen/ops/clamp.h"
#include "ATen/ops/div.h"
#include "ATen/ops/mul.h"
#include "common/status_macros.h"
#include "worker/diffusion/model/vae_decoder.h"
#include "worker/diffusion/model/vae_encoder.h"

namespace darkroom::diffusion {
namespace {

// diffusers' DiagonalGaussianDistribution.
constexpr double kMinLogVariance = -30;
constexpr double kMaxLogVariance = 20;

}  // namespace

struct Vae::Network {
  double scaling_factor;
  int scale;
  std::int64_t whole_pixels;
  VaeDecoder decoder;
  VaeEncoder encoder;
};

Vae::Vae(std::unique_ptr<const Network> network) : network_(std::move(network)) {}
Vae::Vae(Vae&&) noexcept = default;
Vae& Vae::operator=(Vae&&) noexcept = default;
Vae::~Vae() = default;

absl::StatusOr<Vae> Vae::Load(const VaeConfig& config, const WeightScope& weights, const Ops* ops,
                              std::int64_t whole_pixels) {
  DARKROOM_ASSIGN_OR_RETURN(VaeDecoder decoder, VaeDecoder::Load(config, weights, ops));
  DARKROOM_ASSIGN_OR_RETURN(VaeEncoder encoder, VaeEncoder::Load(config, weights, ops));
  return Vae(std::unique_ptr<const Network>(new Network{config.scaling_factor, config.scale(),
                                                        whole_pixels, std::move(decoder),
                                                        std::move(encoder)}));
}

at::Tensor Vae::FromUNetSpace(const at::Tensor& latents) const {
  return at::div(latents, network_->scaling_factor);
}

at::Tensor Vae::ToUNetSpace(const at::Tensor& latents) const {
  return at::mul(latents, network_->scaling_factor);
}

at::Tensor Vae::Decode(const at::Tensor& latents) const {
  const std::int64_t pixels = latents.size(2) * latents.size(3) * network_->scale * network_->scale;
  const VaeDecoder& decoder = network_->decoder;
  return pixels > network_->whole_pixels ? decoder.ForwardInBands(latents)
                                         : decoder.Forward(latents);
}

Vae::Moments Vae::Encode(const at::Tensor& pixels) const {
  const VaeEncoder& encoder = network_->encoder;
  const bool in_bands = pixels.size(2) * pixels.size(3) > network_->whole_pixels;
  const auto halves =
      (in_bands ? encoder.ForwardInBands(pixels) : encoder.Forward(pixels)).chunk(2, 1);
  return {.mean = halves[0].contiguous(),
          .log_variance = at::clamp(halves[1].contiguous(), kMinLogVariance, kMaxLogVariance)};
}

}  // namespace darkroom::diffusion
