#include "worker/diffusion/sampling/noise_schedule.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "worker/diffusion/sampling/linspace.h"

namespace darkroom::diffusion {
namespace {

std::vector<double> Betas(const NoiseScheduleConfig& config) {
  if (config.beta_schedule == BetaSchedule::kLinear) {
    return Linspace(config.beta_start, config.beta_end, config.num_train_timesteps);
  }
  std::vector<double> betas = Linspace(std::sqrt(config.beta_start), std::sqrt(config.beta_end),
                                       config.num_train_timesteps);
  for (double& beta : betas) beta *= beta;
  return betas;
}

}  // namespace

NoiseSchedule::NoiseSchedule(const NoiseScheduleConfig& config)
    : steps_offset_(config.steps_offset) {
  double product = 1;
  for (const double beta : Betas(config)) {
    product *= 1 - beta;
    // Checkpoints and k-diffusion hold ᾱ in float32. Near 1 the rounding moves sigma by 1e-5.
    const double alpha_cumprod = static_cast<float>(product);
    alphas_cumprod_.push_back(alpha_cumprod);
    log_sigmas_.push_back(0.5 * std::log((1 - alpha_cumprod) / alpha_cumprod));
  }
  final_alpha_cumprod_ = config.set_alpha_to_one ? 1.0 : alphas_cumprod_.front();
}

NoiseSchedule NoiseSchedule::Every(int stride) const {
  NoiseSchedule some = *this;
  some.alphas_cumprod_.clear();
  some.log_sigmas_.clear();
  for (std::size_t t = stride - 1; t < log_sigmas_.size(); t += stride) {
    some.alphas_cumprod_.push_back(alphas_cumprod_[t]);
    some.log_sigmas_.push_back(log_sigmas_[t]);
  }
  return some;
}

double NoiseSchedule::sigma_min() const { return std::exp(log_sigmas_.front()); }
double NoiseSchedule::sigma_max() const { return std::exp(log_sigmas_.back()); }

double NoiseSchedule::Sigma(double t) const {
  const double low = std::floor(t);
  const auto i = static_cast<std::size_t>(low);
  const auto next = std::min(i + 1, log_sigmas_.size() - 1);
  return std::exp(std::lerp(log_sigmas_[i], log_sigmas_[next], t - low));
}

double NoiseSchedule::Timestep(double sigma) const {
  const double log_sigma = std::log(sigma);
  const auto above = std::upper_bound(log_sigmas_.begin(), log_sigmas_.end(), log_sigma);
  const std::ptrdiff_t last = static_cast<std::ptrdiff_t>(log_sigmas_.size()) - 2;
  const auto low = std::clamp<std::ptrdiff_t>(above - log_sigmas_.begin() - 1, 0, last);
  const double share = (log_sigma - log_sigmas_[low]) / (log_sigmas_[low + 1] - log_sigmas_[low]);
  return static_cast<double>(low) + std::clamp(share, 0.0, 1.0);
}

}  // namespace darkroom::diffusion
