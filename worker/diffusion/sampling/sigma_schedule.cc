#include "worker/diffusion/sampling/sigma_schedule.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "worker/diffusion/sampling/beta_quantile.h"
#include "worker/diffusion/sampling/linspace.h"

namespace darkroom::diffusion {
namespace {

using Sigmas = std::vector<double>;

// One value a step, then the end of all noise. `at`: of a point to its sigma.
template <typename Real, typename Function>
Sigmas MapThenZero(const std::vector<Real>& points, const Function& at) {
  Sigmas sigmas;
  for (const Real point : points) sigmas.push_back(at(point));
  sigmas.push_back(0);
  return sigmas;
}

// The model's own levels at evenly spaced timesteps. k-diffusion: DiscreteSchedule.get_sigmas. In
// float32, for of two timesteps equally near its rounding chooses the one that LCM takes.
Sigmas Uniform(const SigmaInput& in) {
  return MapThenZero(Linspace<float>(in.model.last_timestep(), in.model.first_timestep(), in.steps),
                     [&in](double t) { return in.model.Sigma(t); });
}

// Equation 5 of Karras et al., "Elucidating the design space of diffusion-based generative models"
// (2022). k-diffusion: get_sigmas_karras.
Sigmas Karras(const SigmaInput& in) {
  const double high = std::pow(in.sigma_max, 1 / in.rho);
  const double low = std::pow(in.sigma_min, 1 / in.rho);
  return MapThenZero(Linspace(high, low, in.steps),
                     [&in](double root) { return std::pow(root, in.rho); });
}

// Even in log sigma. k-diffusion: get_sigmas_exponential.
Sigmas Exponential(const SigmaInput& in) {
  return MapThenZero(Linspace(std::log(in.sigma_max), std::log(in.sigma_min), in.steps),
                     [](double log_sigma) { return std::exp(log_sigma); });
}

// A power of the way in log sigma. k-diffusion: get_sigmas_polyexponential.
Sigmas Polyexponential(const SigmaInput& in) {
  const double low = std::log(in.sigma_min);
  const double high = std::log(in.sigma_max);
  return MapThenZero(Linspace(1, 0, in.steps), [&](double left) {
    return std::exp(std::pow(left, in.rho) * (high - low) + low);
  });
}

// Even timesteps, of which the last is left out: Stability AI's generative-models ("Trailing" in
// Lin et al., "Common diffusion noise schedules and sample steps are flawed", 2023).
Sigmas SgmUniform(const SigmaInput& in) {
  std::vector<float> timesteps = Linspace<float>(in.model.Timestep(in.sigma_max),
                                                 in.model.Timestep(in.sigma_min), in.steps + 1);
  timesteps.pop_back();
  return MapThenZero(timesteps, [&in](double t) { return in.model.Sigma(t); });
}

// Even in arctan sigma: theorem 3.1 of Sabour et al., "Align your steps" (2024). In float32 as the
// reference is: the tangent is so steep at large sigmas that the rounding of its argument shows.
Sigmas KlOptimal(const SigmaInput& in) {
  const float low = std::atan(static_cast<float>(in.sigma_min));
  const float high = std::atan(static_cast<float>(in.sigma_max));
  Sigmas sigmas;
  for (int i = 0; i <= in.steps; ++i) {
    const float share = static_cast<float>(i) / static_cast<float>(in.steps);
    sigmas.push_back(std::tan(static_cast<double>(share * low + (1.0f - share) * high)));
  }
  return sigmas;
}

// The schedules that Sabour et al. (2024) found for ten steps, between whose levels log sigma is
// linear for other numbers. One step is the least noisy level, as in the authors' own code.
Sigmas AlignYourSteps(const SigmaInput& in) {
  using Table = std::array<double, 11>;
  constexpr Table kSd15 = {0.029, 0.152, 0.399, 0.652, 0.963, 1.396,
                           1.886, 2.697, 3.861, 6.475, 14.615};
  constexpr Table kSdxl = {0.029, 0.113, 0.234, 0.380, 0.555, 0.862,
                           1.342, 2.181, 3.771, 6.315, 14.615};
  const Table& table = in.sdxl ? kSdxl : kSd15;
  Sigmas sigmas = MapThenZero(Linspace(0, table.size() - 1, in.steps), [&table](double place) {
    const auto below = static_cast<std::size_t>(place);
    const std::size_t above = std::min(below + 1, table.size() - 1);
    return std::exp(std::lerp(std::log(table[below]), std::log(table[above]), place - below));
  });
  std::reverse(sigmas.begin(), sigmas.end() - 1);
  return sigmas;
}

// Every n-th of the model's levels, from the top. ComfyUI: simple_scheduler.
Sigmas Simple(const SigmaInput& in) {
  const int last = in.model.timesteps() - 1;
  const double stride = in.model.timesteps() / static_cast<double>(in.steps);
  Sigmas sigmas;
  for (int i = 0; i < in.steps; ++i) {
    sigmas.push_back(in.model.Level(last - static_cast<int>(i * stride)));
  }
  sigmas.push_back(0);
  return sigmas;
}

// Even timesteps between the ends. ComfyUI: normal_scheduler.
Sigmas Normal(const SigmaInput& in) {
  return MapThenZero(
      Linspace<float>(in.model.Timestep(in.sigma_max), in.model.Timestep(in.sigma_min), in.steps),
      [&in](double t) { return in.model.Sigma(t); });
}

// Every T/n-th of the model's levels from the second, which may be more than n. Song et al.,
// "Denoising diffusion implicit models" (2021); ComfyUI: ddim_scheduler.
Sigmas Ddim(const SigmaInput& in) {
  const int stride = std::max(in.model.timesteps() / in.steps, 1);
  Sigmas sigmas = {0};
  for (int i = 1; i < in.model.timesteps(); i += stride) sigmas.push_back(in.model.Level(i));
  std::reverse(sigmas.begin(), sigmas.end());
  return sigmas;
}

// Quantiles of a beta distribution: dense at both ends. Lee et al., "Beta sampling is all you need"
// (2024).
Sigmas Beta(const SigmaInput& in) {
  return MapThenZero(Linspace(0, 1, in.steps), [&in](double done) {
    const double level = BetaQuantile(1 - done, in.beta_alpha, in.beta_beta);
    return in.sigma_min + level * (in.sigma_max - in.sigma_min);
  });
}

constexpr SigmaScheduleDefinition kSchedules[] = {
    {.name = "Uniform", .function = Uniform},
    {.name = "Karras", .function = Karras, .rho = 7},
    {.name = "Exponential", .function = Exponential},
    {.name = "Polyexponential", .function = Polyexponential, .rho = 1},
    {.name = "SGM Uniform", .function = SgmUniform},
    {.name = "KL Optimal", .function = KlOptimal},
    {.name = "Align Your Steps", .function = AlignYourSteps},
    {.name = "Simple", .function = Simple},
    {.name = "Normal", .function = Normal},
    {.name = "DDIM", .function = Ddim},
    {.name = "Beta", .function = Beta},
};

double Or(double value, double otherwise) { return value != 0 ? value : otherwise; }

}  // namespace

std::vector<double> SigmaScheduleDefinition::sigmas(const NoiseSchedule& model, int steps,
                                                    const SigmaOptions& options) const {
  const SigmaInput input{.model = model,
                         .steps = steps + (options.discard_next_to_last ? 1 : 0),
                         .sigma_min = Or(options.sigma_min, model.sigma_min()),
                         .sigma_max = Or(options.sigma_max, model.sigma_max()),
                         .rho = Or(options.rho, rho),
                         .beta_alpha = options.beta_alpha,
                         .beta_beta = options.beta_beta,
                         .sdxl = options.sdxl};
  std::vector<double> sigmas = function(input);
  if (options.discard_next_to_last) sigmas.erase(sigmas.end() - 2);
  return sigmas;
}

absl::Span<const SigmaScheduleDefinition> SigmaSchedules() { return kSchedules; }

const SigmaScheduleDefinition* FindSigmaSchedule(absl::string_view name) {
  const auto* found = std::find_if(std::begin(kSchedules), std::end(kSchedules),
                                   [name](const auto& schedule) { return schedule.name == name; });
  return found == std::end(kSchedules) ? nullptr : found;
}

std::vector<double> UniformSigmas(const NoiseSchedule& model, int steps) {
  return FindSigmaSchedule("Uniform")->sigmas(model, steps);
}

std::vector<double> KarrasSigmas(const NoiseSchedule& model, int steps) {
  return FindSigmaSchedule("Karras")->sigmas(model, steps);
}

}  // namespace darkroom::diffusion
