#include "worker/diffusion/torch_generation.h"

#include <cmath>
#include <utility>

#include "ATen/TensorOperators.h"
#include "common/status_macros.h"
#include "worker/diffusion/guidance/soft_inpainting.h"

namespace darkroom::diffusion {
namespace {

std::optional<LatentMask> MaskOf(const SamplerContext& context, const SamplingPass& pass) {
  const InitLatent* init = context.init();
  if (init == nullptr || !init->renewed.defined()) return std::nullopt;
  return LatentMask{.original = init->latent,
                    .renewed = init->renewed,
                    .before_denoising = pass.guidance.compares_timesteps,
                    .soft = pass.soft};
}

}  // namespace

TorchGeneration::TorchGeneration(SamplingPass pass,
                                 std::vector<std::unique_ptr<SamplerContext>> contexts)
    : first_(std::move(pass)) {
  for (std::unique_ptr<SamplerContext>& context : contexts) {
    images_.push_back(Begin(first_, std::move(context)));
  }
}

TorchGeneration::Image TorchGeneration::Begin(const SamplingPass& pass,
                                              std::unique_ptr<SamplerContext> context) {
  Trajectory trajectory = pass.sampler(*context);
  std::optional<LatentMask> mask = MaskOf(*context, pass);
  return {.pass = &pass,
          .context = std::move(context),
          .trajectory = std::move(trajectory),
          .mask = std::move(mask),
          .denoised = at::Tensor(),
          .calls = 0,
          .scaling = std::nullopt};
}

int TorchGeneration::rows_per_call(int image) const {
  const Guidance& guidance = images_[image].pass->guidance;
  const int unconditional = guidance.picture_scale == 1 ? 1 : 2;
  return static_cast<int>(guidance.conds.size()) + (guidance.uncond.empty() ? 0 : unconditional);
}

int TorchGeneration::steps() const {
  return first_.steps + (second_.has_value() ? second_->pass.steps : 0);
}

int TorchGeneration::steps_done(int image) const {
  const Image& state = images_[image];
  return (state.pass == &first_ ? 0 : first_.steps) + state.context->steps_done();
}

void TorchGeneration::Start() {
  for (Image& image : images_) image.trajectory.Start();
}

GuidedCall TorchGeneration::call(int image) const {
  const Image& state = images_[image];
  return {.call = &state.trajectory.call(),
          .guidance = &state.pass->guidance,
          .number = state.calls,
          .mask = state.mask.has_value() ? &*state.mask : nullptr,
          .picture = &state.pass->picture};
}

absl::Status TorchGeneration::Advance(int image, Prediction prediction) {
  Image& state = images_[image];
  state.denoised = prediction.denoised;
  ++state.calls;
  state.trajectory.Resume(std::move(prediction));
  DARKROOM_RETURN_IF_ERROR(state.context->status());
  if (!state.trajectory.done() || InLastPass(state)) return absl::OkStatus();
  DARKROOM_ASSIGN_OR_RETURN(auto scaled, second_->scale(latent(image)));
  auto* upscaling = std::get_if<PictureUpscaling>(&scaled);
  if (upscaling == nullptr) return BeginSecond(image, std::get<at::Tensor>(std::move(scaled)));
  if (!upscaling->done()) {
    state.scaling.emplace(std::move(*upscaling));
    return absl::OkStatus();
  }
  DARKROOM_ASSIGN_OR_RETURN(at::Tensor encoded, second_->encode(std::move(*upscaling).Take()));
  return BeginSecond(image, std::move(encoded));
}

absl::StatusOr<std::int64_t> TorchGeneration::Scale(int image) {
  PictureUpscaling& upscaling = *images_[image].scaling;
  const std::int64_t operations = upscaling.next_operations();
  DARKROOM_RETURN_IF_ERROR(upscaling.Advance());
  if (!upscaling.done()) return operations;
  DARKROOM_ASSIGN_OR_RETURN(at::Tensor encoded, second_->encode(std::move(upscaling).Take()));
  DARKROOM_RETURN_IF_ERROR(BeginSecond(image, std::move(encoded)));
  return operations;
}

absl::Status TorchGeneration::BeginSecond(int image, at::Tensor latent) {
  Image& state = images_[image];
  DARKROOM_ASSIGN_OR_RETURN(std::unique_ptr<SamplerContext> context,
                            second_->begin(image, std::move(latent)));
  // Not over the first, whose trajectory refers to its context: the two leave together.
  Image next = Begin(second_->pass, std::move(context));
  std::swap(state, next);
  state.trajectory.Start();
  return state.context->status();
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

std::optional<GreyImage> TorchGeneration::Changed(int image) const {
  const std::optional<LatentMask>& mask = images_[image].mask;
  if (!mask.has_value() || !mask->soft.has_value()) return std::nullopt;
  return ChangedMask(*mask->soft, mask->original, latent(image), mask->renewed);
}

at::Tensor TorchGeneration::Masked(const Image& image, const at::Tensor& latent) {
  return image.mask.has_value() ? RestoreOriginal(*image.mask, latent) : latent;
}

}  // namespace darkroom::diffusion
