#ifndef DARKROOM_WORKER_DIFFUSION_TORCH_GENERATION_H_
#define DARKROOM_WORKER_DIFFUSION_TORCH_GENERATION_H_

#include <memory>
#include <optional>
#include <vector>

#include "ATen/core/Tensor.h"
#include "absl/status/status.h"
#include "worker/diffusion/backend.h"
#include "worker/diffusion/guidance/guided_denoiser.h"
#include "worker/diffusion/sampling/sampler.h"
#include "worker/diffusion/sampling/trajectory.h"

namespace darkroom::diffusion {

// A request in the torch backend. Its tensors are of inference mode: Start and Advance are called
// under one.
class TorchGeneration : public Generation {
 public:
  // One context an image; `guidance` and `picture`, GuidedCall::picture, are the same for all of
  // them.
  TorchGeneration(BatchKey key, Guidance guidance, at::Tensor picture, SamplerFunction sampler,
                  std::vector<std::unique_ptr<SamplerContext>> contexts);

  const BatchKey& batch_key() const override { return key_; }
  int image_count() const override { return static_cast<int>(images_.size()); }
  int rows_per_call() const override {
    const int unconditional = guidance_.picture_scale == 1 ? 1 : 2;
    return static_cast<int>(guidance_.conds.size()) +
           (guidance_.uncond.empty() ? 0 : unconditional);
  }
  int steps() const override { return images_[0].context->steps(); }
  int steps_done(int image) const override { return images_[image].context->steps_done(); }
  bool done(int image) const override { return images_[image].trajectory.done(); }

  // Runs every image's sampler up to its first denoiser call.
  void Start();
  // The call that an image waits for; valid until it advances.
  GuidedCall call(int image) const;
  // Hands an image the answer to its call, [1, 4, h, w], and runs its sampler up to the next. Not
  // OK: the sampler cannot go on.
  absl::Status Advance(int image, Prediction prediction);

  // What the image looks like by the newest prediction: [1, 4, h, w].
  at::Tensor estimate(int image) const;
  // The final latent, once done.
  at::Tensor latent(int image) const;

 private:
  struct Image {
    std::unique_ptr<SamplerContext> context;  // outlives the trajectory
    Trajectory trajectory;
    std::optional<LatentMask> mask;
    at::Tensor denoised;  // undefined before the first step
    int calls = 0;        // answered
  };

  // With what its mask keeps of the original.
  static at::Tensor Masked(const Image& image, const at::Tensor& latent);

  const BatchKey key_;
  const Guidance guidance_;
  const at::Tensor picture_;
  std::vector<Image> images_;
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_TORCH_GENERATION_H_
