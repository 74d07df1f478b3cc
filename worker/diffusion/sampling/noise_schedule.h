#ifndef DARKROOM_WORKER_DIFFUSION_SAMPLING_NOISE_SCHEDULE_H_
#define DARKROOM_WORKER_DIFFUSION_SAMPLING_NOISE_SCHEDULE_H_

#include <vector>

#include "worker/diffusion/weights/model_config.h"

namespace darkroom::diffusion {

// The noise levels that a model was trained on: timestep t = 0 … T−1 has the share ᾱ[t] of signal
// (Ho et al., DDPM, 2020) or, in the samplers' scale where the picture keeps its size, noise of
// standard deviation sigma = √((1 − ᾱ) / ᾱ). Between timesteps log sigma is linear in t, as in
// k-diffusion's DiscreteSchedule. Immutable.
class NoiseSchedule {
 public:
  // Needs at least two timesteps and betas in (0, 1).
  explicit NoiseSchedule(const NoiseScheduleConfig& config);

  int timesteps() const { return static_cast<int>(alphas_cumprod_.size()); }
  double alpha_cumprod(int t) const { return alphas_cumprod_[t]; }

  // Every stride-th of its levels as a schedule of its own, from timestep stride − 1 on: what is
  // left to a distilled model.
  NoiseSchedule Every(int stride) const;

  double sigma_min() const;
  double sigma_max() const;

  // t in [0, T−1], may be fractional.
  double Sigma(double t) const;
  // The inverse; sigmas outside the table give its ends.
  double Timestep(double sigma) const;

 private:
  std::vector<double> alphas_cumprod_;
  std::vector<double> log_sigmas_;  // ascending
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_SAMPLING_NOISE_SCHEDULE_H_
