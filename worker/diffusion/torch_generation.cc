#include "worker/diffusion/torch_generation.h"

#include <cmath>
#include <utility>

#include "ATen/TensorOperators.h"

namespace darkroom::diffusion {
namespace {

std::optional<LatentMask> MaskOf(const SamplerContext& context, const Guidance& guidance) {
  const InitLatent* init = context.init();
  if (init == nullptr || !init->renewed.defined()) return std::nullopt;
  return LatentMask{.original = init->latent,
                    .renewed = init->renewed,
                    .before_denoising = guidance.compares_timesteps};
}

}  // namespace

TorchGeneration::TorchGeneration(BatchKey key, Guidance guidance, at::Tensor picture,
                                 SamplerFunction sampler,
                                 std::vector<std::unique_ptr<SamplerContext>> contexts)
    : key_(key), guidance_(std::move(guidance)), picture_(std::move(picture)) {
  for (std::unique_ptr<SamplerContext>& context : contexts) {
    Trajectory trajectory = sampler(*context);
    std::optional<LatentMask> mask = MaskOf(*context, guidance_);
    images_.push_back({.context = std::move(context),
                       .trajectory = std::move(trajectory),
                       .mask = std::move(mask),
                       .denoised = at::Tensor(),
                       .calls = 0});
  }
}

void TorchGeneration::Start() {
  for (Image& image : images_) image.trajectory.Start();
}

GuidedCall TorchGeneration::call(int image) const {
  const Image& state = images_[image];
  return {.call = &state.trajectory.call(),
          .guidance = &guidance_,
          .number = state.calls,
          .mask = state.mask.has_value() ? &*state.mask : nullptr,
          .picture = &picture_};
}

absl::Status TorchGeneration::Advance(int image, Prediction prediction) {
  images_[image].denoised = prediction.denoised;
  ++images_[image].calls;
  images_[image].trajectory.Resume(std::move(prediction));
  return images_[image].context->status();
}

at::Tensor TorchGeneration::estimate(int image) const {
  const Image& state = images_[image];
  if (state.denoised.defined()) return Masked(state, state.denoised);
  const DenoiserCall& call = state.trajectory.call();
  return Masked(state, call.x / std::sqrt(call.sigma * call.sigma + 1));
}

at::Tensor TorchGeneration::latent(int image) const {
  return Masked(images_[image], images_[image].trajectory.result());
}

at::Tensor TorchGeneration::Masked(const Image& image, const at::Tensor& latent) {
  return image.mask.has_value() ? KeepOriginal(*image.mask, latent) : latent;
}

}  // namespace darkroom::diffusion
