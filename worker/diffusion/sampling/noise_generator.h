#ifndef DARKROOM_WORKER_DIFFUSION_SAMPLING_NOISE_GENERATOR_H_
#define DARKROOM_WORKER_DIFFUSION_SAMPLING_NOISE_GENERATOR_H_

#include <cstdint>
#include <memory>

#include "absl/types/span.h"
#include "worker/diffusion/backend.h"

namespace darkroom::diffusion {

// The normal noise of one image, a function of (seed, number of the draw, element) alone: the same
// on every machine, whatever else runs. Not thread-safe.
class NoiseGenerator {
 public:
  virtual ~NoiseGenerator() = default;

  // The next draw: fills `values` with standard normal values.
  virtual void Draw(absl::Span<float> values) = 0;
};

std::unique_ptr<NoiseGenerator> MakeNoiseGenerator(NoiseSource source, std::uint64_t seed);

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_SAMPLING_NOISE_GENERATOR_H_
