#include "worker/diffusion/sampling/noise_generator.h"

#include "worker/diffusion/sampling/mt19937_noise.h"
#include "worker/diffusion/sampling/philox_noise.h"

namespace darkroom::diffusion {

std::unique_ptr<NoiseGenerator> MakeNoiseGenerator(NoiseSource source, std::uint64_t seed) {
  if (source == NoiseSource::kMt19937) return std::make_unique<Mt19937Noise>(seed);
  return std::make_unique<PhiloxNoise>(seed);
}

}  // namespace darkroom::diffusion
