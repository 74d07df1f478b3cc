#ifndef DARKROOM_WORKER_DIFFUSION_SAMPLING_PHILOX_NOISE_H_
#define DARKROOM_WORKER_DIFFUSION_SAMPLING_PHILOX_NOISE_H_

#include <cstdint>

#include "worker/diffusion/sampling/noise_generator.h"

namespace darkroom::diffusion {

// AUTOMATIC1111's "NV": what torch.randn draws on a CUDA device, computed on the CPU. Philox4x32-10
// (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011) over the counter words
// (draw, 0, element, 0) with the seed as key; the first two words of the output give one normal
// value, the sine half of the Box–Muller transform.
class PhiloxNoise : public NoiseGenerator {
 public:
  explicit PhiloxNoise(std::uint64_t seed) : seed_(seed) {}

  void Draw(absl::Span<float> values) override;

 private:
  const std::uint64_t seed_;
  std::uint32_t draw_ = 0;
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_SAMPLING_PHILOX_NOISE_H_
