#include "worker/diffusion/torch_generation.h"

#include <cmath>
#include <utility>

#include "ATen/TensorOperators.h"
#include "ATen/ops/zeros.h"
#include "absl/strings/str_cat.h"
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

// What can be told before the sampler sees it.
absl::Status CheckFits(const SavedImage& image, const SamplingPass& pass) {
  const SamplerState& sampler = image.sampler;
  bool fits = sampler.steps_done <= pass.steps && sampler.draws <= sampler.rounds;
  for (const at::Tensor& tensor : sampler.tensors) {
    fits &= !tensor.defined() ||
            (tensor.size(2) == pass.key.latent_height && tensor.size(3) == pass.key.latent_width);
  }
  return fits ? absl::OkStatus() : absl::DataLossError("a saved step is of another request");
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
          .scaling = std::nullopt,
          .saved = {}};
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

absl::Status TorchGeneration::GoOnFrom(std::vector<SavedImage> saved) {
  if (saved.size() != images_.size()) {
    return absl::DataLossError(absl::StrCat("a saved step is of ", saved.size(), " images"));
  }
  for (int i = 0; i < image_count(); ++i) {
    Image& state = images_[i];
    const at::Device device = state.context->initial_noise().device();
    if (saved[i].pass == 1) {
      if (!second_.has_value()) return absl::DataLossError("a saved step is of a second pass");
      // What it has begun with has no say any more.
      const BatchKey& key = second_->pass.key;
      DARKROOM_RETURN_IF_ERROR(
          EnterSecond(i, at::zeros({1, 4, key.latent_height, key.latent_width}, device)));
    }
    DARKROOM_RETURN_IF_ERROR(CheckFits(saved[i], *state.pass));
    for (at::Tensor& tensor : saved[i].sampler.tensors) {
      if (tensor.defined()) tensor = tensor.to(device);
    }
    state.calls = saved[i].calls;
    state.saved = std::move(saved[i]);
    state.context->GoOnFrom(state.saved.sampler);
  }
  return absl::OkStatus();
}

absl::Status TorchGeneration::Start() {
  for (int i = 0; i < image_count(); ++i) {
    images_[i].trajectory.Start();
    DARKROOM_RETURN_IF_ERROR(images_[i].context->status());
    DARKROOM_RETURN_IF_ERROR(GoOn(i));
  }
  return absl::OkStatus();
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
  const int rounds = state.context->state().rounds;
  state.trajectory.Resume(std::move(prediction));
  DARKROOM_RETURN_IF_ERROR(state.context->status());
  if (const SamplerState& now = state.context->state(); now.rounds > rounds) {
    state.saved = {.pass = state.pass == &first_ ? 0 : 1, .calls = state.calls, .sampler = now};
  }
  return GoOn(image);
}

absl::Status TorchGeneration::GoOn(int image) {
  Image& state = images_[image];
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
  DARKROOM_RETURN_IF_ERROR(EnterSecond(image, std::move(latent)));
  images_[image].trajectory.Start();
  return images_[image].context->status();
}

absl::Status TorchGeneration::EnterSecond(int image, at::Tensor latent) {
  Image& state = images_[image];
  DARKROOM_ASSIGN_OR_RETURN(std::unique_ptr<SamplerContext> context,
                            second_->begin(image, std::move(latent)));
  // Not over the first, whose trajectory refers to its context: the two leave together.
  Image next = Begin(second_->pass, std::move(context));
  next.saved = state.saved;
  std::swap(state, next);
  return absl::OkStatus();
}

at::Tensor TorchGeneration::estimate(int image) const {
  const Image& state = images_[image];
  if (state.denoised.defined()) return Masked(state, state.denoised);
  if (state.trajectory.done()) return latent(image);
  const DenoiserCall& call = state.trajectory.call();
  return Masked(state, call.x / std::sqrt(call.sigma * call.sigma + 1));
}

at::Tensor TorchGeneration::latent(int image) const {
  return Masked(images_[image], images_[image].trajectory.result());
}

std::vector<SavedImage> TorchGeneration::saved() const {
  std::vector<SavedImage> saved;
  for (const Image& image : images_) saved.push_back(image.saved);
  return saved;
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
