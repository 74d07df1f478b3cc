#ifndef DARKROOM_WORKER_DIFFUSION_SAMPLING_MT19937_NOISE_H_
#define DARKROOM_WORKER_DIFFUSION_SAMPLING_MT19937_NOISE_H_

#include <cstdint>
#include <optional>
#include <random>

#include "worker/diffusion/sampling/noise_generator.h"

namespace darkroom::diffusion {

// AUTOMATIC1111's "CPU": what torch.randn draws on the CPU from a torch.Generator of this seed
// (ATen's normal_fill as it is for AVX2 and, below 16 values, its scalar normal_distribution), bit
// for bit and on every machine. Like torch it takes the low 32 bits of the seed.
class Mt19937Noise : public NoiseGenerator {
 public:
  explicit Mt19937Noise(std::uint64_t seed) : engine_(static_cast<std::uint32_t>(seed)) {}

  void Draw(absl::Span<float> values) override;

 private:
  float UniformFloat();
  double UniformDouble();
  float DrawOne();

  std::mt19937 engine_;
  // The second half of a pair, kept across draws, as torch does.
  std::optional<double> next_;
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_SAMPLING_MT19937_NOISE_H_
