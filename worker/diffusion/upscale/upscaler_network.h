#ifndef DARKROOM_WORKER_DIFFUSION_UPSCALE_UPSCALER_NETWORK_H_
#define DARKROOM_WORKER_DIFFUSION_UPSCALE_UPSCALER_NETWORK_H_

#include <cstdint>
#include <filesystem>
#include <memory>

#include "ATen/core/Tensor.h"
#include "absl/status/statusor.h"

namespace darkroom::diffusion {

// A network that enlarges pictures, on a device, in float32. Immutable. It is made and run under a
// c10::InferenceMode of the caller's; torch's exceptions pass through.
class UpscalerNetwork {
 public:
  virtual ~UpscalerNetwork() = default;

  // A .safetensors file of a kind that FindUpscalerLayout knows. INVALID_ARGUMENT names the file
  // and the tensor that is missing, of another shape, or unknown.
  static absl::StatusOr<std::unique_ptr<const UpscalerNetwork>> Load(
      const std::filesystem::path& path, at::Device device);

  // x [1, 3, H, W] in 0 to 1 on the device, in any order of the colours that it was trained with;
  // returns [1, 3, scale * H, scale * W], which may go somewhat beyond 0 and 1. As spandrel calls
  // it: where the network needs a multiple of pixels, edges are mirrored and what they become cut
  // off.
  virtual at::Tensor Forward(const at::Tensor& x) const = 0;

  int scale() const { return scale_; }
  at::Device device() const { return device_; }
  // Of its weights.
  std::int64_t bytes() const { return bytes_; }
  // Multiply-adds for each pixel of a picture.
  std::int64_t operations_per_pixel() const { return operations_per_pixel_; }

 protected:
  explicit UpscalerNetwork(at::Device device) : device_(device) {}

 private:
  const at::Device device_;
  int scale_ = 1;
  std::int64_t bytes_ = 0;
  std::int64_t operations_per_pixel_ = 0;
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_UPSCALE_UPSCALER_NETWORK_H_
