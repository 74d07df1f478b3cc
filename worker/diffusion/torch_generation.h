#ifndef DARKROOM_WORKER_DIFFUSION_TORCH_GENERATION_H_
#define DARKROOM_WORKER_DIFFUSION_TORCH_GENERATION_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "ATen/core/Tensor.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "worker/diffusion/backend.h"
#include "worker/diffusion/guidance/guided_denoiser.h"
#include "worker/diffusion/sampling/sampler.h"
#include "worker/diffusion/sampling/trajectory.h"
#include "worker/diffusion/saved_images.h"
#include "worker/diffusion/upscale/picture_upscaling.h"

namespace darkroom::diffusion {

// What the images of a request have in common while one sampler runs over them.
struct SamplingPass {
  BatchKey key;
  Guidance guidance;
  at::Tensor picture;  // GuidedCall::picture
  std::optional<SoftInpainting> soft;
  SamplerFunction sampler = nullptr;
  int steps = 0;
};

// How an image gets from one pass to another.
struct PassChange {
  SamplingPass pass;  // the other
  // Of the latent [1, 4, h, w] that the first has left: the one that the other begins with, or the
  // picture that has to be made larger for that, in pieces.
  std::function<absl::StatusOr<std::variant<at::Tensor, PictureUpscaling>>(
      const at::Tensor& latent)>
      scale;
  // The latent of that picture, once it is large.
  std::function<absl::StatusOr<at::Tensor>(const RgbImage& picture)> encode;
  // What the other pass works with.
  std::function<absl::StatusOr<std::unique_ptr<SamplerContext>>(int image, at::Tensor latent)>
      begin;
};

// A request in the torch backend. Its tensors are of inference mode: Start and Advance are called
// under one.
class TorchGeneration : public Generation {
 public:
  // One context an image.
  TorchGeneration(SamplingPass pass, std::vector<std::unique_ptr<SamplerContext>> contexts);

  // Lets every image go through another pass after the first. Before Start.
  void AddSecondPass(PassChange change) { second_.emplace(std::move(change)); }

  const BatchKey& batch_key(int image) const override { return images_[image].pass->key; }
  int image_count() const override { return static_cast<int>(images_.size()); }
  int rows_per_call(int image) const override;
  int steps() const override;
  int steps_done(int image) const override;
  bool done(int image) const override {
    return InLastPass(images_[image]) && images_[image].trajectory.done();
  }
  std::optional<GreyImage> Changed(int image) const override;
  std::int64_t scaling_left(int image) const override {
    const std::optional<PictureUpscaling>& scaling = images_[image].scaling;
    return scaling.has_value() ? scaling->operations_left() : 0;
  }

  // What its numbers depend on beside the request and the model (EncodeImages).
  void set_maker(std::string maker) { maker_ = std::move(maker); }
  const std::string& maker() const { return maker_; }
  // Before Start: goes on from where the same request was, of the same maker. DATA_LOSS when it
  // was another one.
  absl::Status GoOnFrom(std::vector<SavedImage> saved);
  // Runs every image's sampler up to its next denoiser call. DATA_LOSS when that does not carry
  // what it was to go on from; as Advance where a pass is over.
  absl::Status Start();
  // The call that an image waits for; valid until it advances.
  GuidedCall call(int image) const;
  // Hands an image the answer to its call, [1, 4, h, w], and runs its sampler up to the next, which
  // may be of its second pass. Not OK: the image cannot go on.
  absl::Status Advance(int image, Prediction prediction);
  // Backend::Scale.
  absl::StatusOr<std::int64_t> Scale(int image);

  // What the image looks like by the newest prediction: [1, 4, h, w].
  at::Tensor estimate(int image) const;
  // The final latent, once done.
  at::Tensor latent(int image) const;
  // Where the images can be gone on from: as their samplers' last rounds have left them. Between
  // the passes, and until the first round of the second, that is the end of the first.
  std::vector<SavedImage> saved() const;

 private:
  struct Image {
    const SamplingPass* pass = nullptr;
    std::unique_ptr<SamplerContext> context;  // outlives the trajectory
    Trajectory trajectory;
    std::optional<LatentMask> mask;
    at::Tensor denoised;                      // undefined before the pass's first step
    int calls = 0;                            // answered in the pass
    std::optional<PictureUpscaling> scaling;  // between the passes
    SavedImage saved;
  };

  // Where the image's first sampler has returned: what comes between the passes, or the second.
  absl::Status GoOn(int image);
  absl::Status BeginSecond(int image, at::Tensor latent);
  // Without running its sampler.
  absl::Status EnterSecond(int image, at::Tensor latent);
  static Image Begin(const SamplingPass& pass, std::unique_ptr<SamplerContext> context);
  // With what its mask keeps of the original.
  static at::Tensor Masked(const Image& image, const at::Tensor& latent);

  bool InLastPass(const Image& image) const {
    return !second_.has_value() || image.pass == &second_->pass;
  }

  const SamplingPass first_;
  std::optional<PassChange> second_;
  std::vector<Image> images_;
  std::string maker_;
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_TORCH_GENERATION_H_
