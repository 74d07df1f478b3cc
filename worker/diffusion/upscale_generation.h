#ifndef DARKROOM_WORKER_DIFFUSION_UPSCALE_GENERATION_H_
#define DARKROOM_WORKER_DIFFUSION_UPSCALE_GENERATION_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "worker/diffusion/backend.h"
#include "worker/diffusion/file_cache.h"
#include "worker/diffusion/upscale/picture_upscaling.h"

namespace darkroom::diffusion {

// A request that only makes a picture larger (scripts/postprocessing_upscale.py of AUTOMATIC1111):
// one image, whose steps are the tiles that networks are given. None of it is a row of a denoiser.
class UpscaleGeneration : public Generation {
 public:
  // `request` is one that CheckRequest lets pass. What needs no network is done at once.
  // INVALID_ARGUMENT names the field of an upscaler that is not here or makes too much on the way.
  static absl::StatusOr<std::unique_ptr<UpscaleGeneration>> Prepare(
      FileCache<UpscalerNetwork>& files, const Upscale& request);

  const BatchKey& batch_key(int /*image*/) const override { return key_; }
  int image_count() const override { return 1; }
  int rows_per_call(int /*image*/) const override { return 0; }
  int steps() const override { return pieces_; }
  int steps_done(int image) const override;
  std::int64_t scaling_left(int image) const override;
  bool done(int image) const override { return scaling_left(image) == 0; }
  std::optional<GreyImage> Changed(int /*image*/) const override { return std::nullopt; }

  // Backend::Scale.
  absl::StatusOr<std::int64_t> Scale();
  // Once done.
  RgbImage picture() const;

 private:
  // By the first upscaler, or the second.
  struct Part {
    std::optional<PictureUpscaling> network;  // until it is done
    RgbImage made;                            // then
  };

  explicit UpscaleGeneration(PictureSize cropped, double second_share)
      : cropped_(cropped), second_share_(second_share) {}

  const BatchKey key_;
  const PictureSize cropped_;  // empty: nothing is cut off
  const double second_share_;
  std::vector<Part> parts_;  // one or two
  int pieces_ = 0;
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_UPSCALE_GENERATION_H_
