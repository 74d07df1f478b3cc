#ifndef DARKROOM_WORKER_DIFFUSION_SAMPLING_DIFFUSION_LEVEL_H_
#define DARKROOM_WORKER_DIFFUSION_SAMPLING_DIFFUSION_LEVEL_H_

#include <algorithm>
#include <cmath>
#include <vector>

#include "ATen/TensorOperators.h"
#include "ATen/core/Tensor.h"
#include "worker/diffusion/sampling/noise_schedule.h"

namespace darkroom::diffusion {

// A point of the forward process in its own scale, x = signal * image + noise * gaussian with
// signal² + noise² = 1, in which samplers that step over timesteps work: x has the variance of the
// gaussian there, not the size of the picture.
struct DiffusionLevel {
  double signal = 1;
  double noise = 0;
  double timestep = 0;

  double sigma() const { return noise / signal; }
  // x in the scale where the picture keeps its size, as the denoiser wants it.
  at::Tensor Scaled(const at::Tensor& x) const { return x / signal; }
  // What of x is noise, and the other way round.
  at::Tensor Eps(const at::Tensor& x, const at::Tensor& denoised) const {
    return (x - denoised * signal) / noise;
  }
  at::Tensor Denoised(const at::Tensor& x, const at::Tensor& eps) const {
    return (x - eps * noise) / signal;
  }
};

// The levels of n steps, the least noisy first: timesteps ⌊T/n⌋ apart from 1 on, as AUTOMATIC1111's
// samplers on timesteps have them. More than n where n does not divide T: 32 for 31 of 1000.
inline std::vector<DiffusionLevel> DdimLevels(const NoiseSchedule& model, int n) {
  std::vector<DiffusionLevel> levels;
  const int last = model.timesteps() - 1;
  for (int t = 0; t <= last; t += std::max(1, model.timesteps() / n)) {
    const int timestep = std::min(t + 1, last);
    const double a = model.alpha_cumprod(timestep);
    levels.push_back({.signal = std::sqrt(a),
                      .noise = std::sqrt(1 - a),
                      .timestep = static_cast<double>(timestep)});
  }
  return levels;
}

// The deviation of the noise that a step of DDIM puts back, equation 16 of Song et al. (2021).
inline double DdimSigma(const DiffusionLevel& from, const DiffusionLevel& to, double eta) {
  const double ratio = from.signal / to.signal;
  return eta * to.noise / from.noise * std::sqrt(1 - ratio * ratio);
}

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_SAMPLING_DIFFUSION_LEVEL_H_
