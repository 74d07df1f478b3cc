#include "worker/diffusion/sampling/noise_schedule.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "ATen/core/Tensor.h"
#include "ATen/ops/scalar_tensor.h"
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

// Checkpoints and k-diffusion hold ᾱ in float32. Near 1 the rounding moves sigma by 1e-5.
std::vector<float> AlphasCumprod(const NoiseScheduleConfig& config) {
  std::vector<float> alphas_cumprod;
  double product = 1;
  for (const double beta : Betas(config)) {
    product *= 1 - beta;
    alphas_cumprod.push_back(static_cast<float>(product));
  }
  return alphas_cumprod;
}

// Algorithm 1 of Lin et al., "Common diffusion noise schedules and sample steps are flawed" (2023):
// shifts and scales √ᾱ so that it falls to 0 and begins where it did. The last ᾱ is AUTOMATIC1111's
// instead of 0, whose sigma would be infinite. In float32, as there: ᾱ is small where it matters.
void RescaleToZeroTerminalSnr(std::vector<float>& alphas_cumprod) {
  constexpr float kLast = 4.8973451890853435e-08;
  const float first = std::sqrt(alphas_cumprod.front());
  const float last = std::sqrt(alphas_cumprod.back());
  const float scale = first / (first - last);
  for (float& alpha_cumprod : alphas_cumprod) {
    const float root = (std::sqrt(alpha_cumprod) - last) * scale;
    alpha_cumprod = root * root;
  }
  alphas_cumprod.back() = kLast;
}

// ATen's, whose last bit is not the C library's: it decides which of two levels is nearer.
float Sqrt(float x) { return at::scalar_tensor(x).sqrt().item<float>(); }
float Log(float x) { return at::scalar_tensor(x).log().item<float>(); }
float Exp(float x) { return at::scalar_tensor(x).exp().item<float>(); }

}  // namespace

NoiseSchedule::NoiseSchedule(const NoiseScheduleConfig& config) {
  std::vector<float> alphas_cumprod = AlphasCumprod(config);
  if (config.zero_terminal_snr) RescaleToZeroTerminalSnr(alphas_cumprod);
  for (const float alpha_cumprod : alphas_cumprod) {
    alphas_cumprod_.push_back(alpha_cumprod);
    sigmas_.push_back(Sqrt((1 - alpha_cumprod) / alpha_cumprod));
    log_sigmas_.push_back(Log(sigmas_.back()));
  }
}

NoiseSchedule NoiseSchedule::Every(int stride) const {
  NoiseSchedule some = *this;
  some.first_timestep_ = first_timestep_ + stride_ * (stride - 1);
  some.stride_ = stride_ * stride;
  some.alphas_cumprod_.clear();
  some.sigmas_.clear();
  some.log_sigmas_.clear();
  for (std::size_t t = stride - 1; t < log_sigmas_.size(); t += stride) {
    some.alphas_cumprod_.push_back(alphas_cumprod_[t]);
    some.sigmas_.push_back(sigmas_[t]);
    some.log_sigmas_.push_back(log_sigmas_[t]);
  }
  return some;
}

double NoiseSchedule::Sigma(double t) const {
  const float place = (static_cast<float>(t) - first_timestep_) / stride_;
  const float low = std::floor(place);
  const auto i = static_cast<std::size_t>(low);
  const auto next = std::min(i + 1, log_sigmas_.size() - 1);
  const float share = place - low;
  return Exp((1 - share) * log_sigmas_[i] + share * log_sigmas_[next]);
}

double NoiseSchedule::Timestep(double sigma) const {
  const double log_sigma = std::log(sigma);
  const auto above = std::upper_bound(log_sigmas_.begin(), log_sigmas_.end(), log_sigma);
  const std::ptrdiff_t last = static_cast<std::ptrdiff_t>(log_sigmas_.size()) - 2;
  const auto low = std::clamp<std::ptrdiff_t>(above - log_sigmas_.begin() - 1, 0, last);
  const double share = (log_sigma - log_sigmas_[low]) / (log_sigmas_[low + 1] - log_sigmas_[low]);
  return first_timestep_ + stride_ * (static_cast<double>(low) + std::clamp(share, 0.0, 1.0));
}

double NoiseSchedule::NearestTimestep(double sigma) const {
  const float log_sigma = Log(static_cast<float>(sigma));
  const auto nearest = std::min_element(
      log_sigmas_.begin(), log_sigmas_.end(), [log_sigma](float level, float other) {
        return std::abs(log_sigma - level) < std::abs(log_sigma - other);
      });
  return first_timestep_ + stride_ * static_cast<double>(nearest - log_sigmas_.begin());
}

}  // namespace darkroom::diffusion
