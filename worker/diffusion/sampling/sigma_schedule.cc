#include "worker/diffusion/sampling/sigma_schedule.h"

#include <algorithm>
#include <cmath>

#include "worker/diffusion/sampling/linspace.h"

namespace darkroom::diffusion {
namespace {

constexpr SigmaScheduleDefinition kSchedules[] = {
    {.name = "Uniform", .sigmas = UniformSigmas},
    {.name = "Karras", .sigmas = KarrasSigmas},
};

}  // namespace

std::vector<double> UniformSigmas(const NoiseSchedule& model, int steps) {
  std::vector<double> sigmas;
  for (const double t : Linspace(model.timesteps() - 1, 0, steps)) sigmas.push_back(model.Sigma(t));
  sigmas.push_back(0);
  return sigmas;
}

std::vector<double> KarrasSigmas(const NoiseSchedule& model, int steps) {
  constexpr double kRho = 7;
  std::vector<double> sigmas;
  for (const double root : Linspace(std::pow(model.sigma_max(), 1 / kRho),
                                    std::pow(model.sigma_min(), 1 / kRho), steps)) {
    sigmas.push_back(std::pow(root, kRho));
  }
  sigmas.push_back(0);
  return sigmas;
}

absl::Span<const SigmaScheduleDefinition> SigmaSchedules() { return kSchedules; }

const SigmaScheduleDefinition* FindSigmaSchedule(absl::string_view name) {
  const auto* found = std::find_if(std::begin(kSchedules), std::end(kSchedules),
                                   [name](const auto& schedule) { return schedule.name == name; });
  return found == std::end(kSchedules) ? nullptr : found;
}

}  // namespace darkroom::diffusion
