#include "worker/diffusion/torch_generation.h"

#include <cmath>
#include <utility>

#include "ATen/TensorOperators.h"

namespace darkroom::diffusion {

TorchGeneration::TorchGeneration(BatchKey key, Guidance guidance, SamplerFunction sampler,
                                 std::vector<std::unique_ptr<SamplerContext>> contexts)
    : key_(key), guidance_(std::move(guidance)) {
  for (std::unique_ptr<SamplerContext>& context : contexts) {
    Trajectory trajectory = sampler(*context);
    images_.push_back({.context = std::move(context),
                       .trajectory = std::move(trajectory),
                       .denoised = at::Tensor(),
                       .calls = 0});
  }
}

void TorchGeneration::Start() {
  for (Image& image : images_) image.trajectory.Start();
}

GuidedCall TorchGeneration::call(int image) const {
  return {.call = &images_[image].trajectory.call(),
          .guidance = &guidance_,
          .number = images_[image].calls};
}

absl::Status TorchGeneration::Advance(int image, Prediction prediction) {
  images_[image].denoised = prediction.denoised;
  ++images_[image].calls;
  images_[image].trajectory.Resume(std::move(prediction));
  return images_[image].context->status();
}

at::Tensor TorchGeneration::estimate(int image) const {
  if (images_[image].denoised.defined()) return images_[image].denoised;
  const DenoiserCall& call = images_[image].trajectory.call();
  return call.x / std::sqrt(call.sigma * call.sigma + 1);
}

}  // namespace darkroom::diffusion
