#ifndef DARKROOM_WORKER_DIFFUSION_SAMPLING_NOISE_SCHEDULE_H_
#define DARKROOM_WORKER_DIFFUSION_SAMPLING_NOISE_SCHEDULE_H_

#include <vector>

#include "worker/diffusion/weights/model_config.h"

namespace darkroom::diffusion {

// The noise levels that a model was trained on: timestep t = 0 … T−1 has the share ᾱ[t] of signal
// (Ho et al., DDPM, 2020) or, in the samplers' scale where the picture keeps its size, noise of
// standard deviation sigma = √((1 − ᾱ) / ᾱ). Between timesteps log sigma is linear in t.
// k-diffusion: DiscreteSchedule, whose float32 is kept where its rounding decides. Immutable.
class NoiseSchedule {
 public:
  // Needs at least two timesteps and betas in (0, 1).
  explicit NoiseSchedule(const NoiseScheduleConfig& config);

  int timesteps() const { return static_cast<int>(alphas_cumprod_.size()); }
  double alpha_cumprod(int t) const { return alphas_cumprod_[t]; }

  // Every stride-th of its levels as a schedule of its own, from timestep stride − 1 on: what is
  // left to a distilled model. Timesteps keep their numbers in Sigma and the like.
  NoiseSchedule Every(int stride) const;

  double first_timestep() const { return first_timestep_; }
  double last_timestep() const { return first_timestep_ + stride_ * (timesteps() - 1); }

  double sigma_min() const { return sigmas_.front(); }
  double sigma_max() const { return sigmas_.back(); }

  // The sigma of level i = 0 … timesteps() − 1.
  double Level(int i) const { return sigmas_[i]; }
  // t in [first, last timestep], may be fractional. Rounds as float32 does.
  double Sigma(double t) const;
  // The inverse; sigmas outside the table give its ends.
  double Timestep(double sigma) const;
  // The level whose log sigma is nearest in float32, of two the less noisy.
  double NearestTimestep(double sigma) const;

 private:
  int first_timestep_ = 0;
  int stride_ = 1;  // timesteps from level to level
  std::vector<double> alphas_cumprod_;
  std::vector<float> sigmas_;  // ascending
  std::vector<float> log_sigmas_;
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_SAMPLING_NOISE_SCHEDULE_H_
