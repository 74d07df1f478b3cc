#ifndef DARKROOM_WORKER_DIFFUSION_SAMPLING_ANCESTRAL_STEP_H_
#define DARKROOM_WORKER_DIFFUSION_SAMPLING_ANCESTRAL_STEP_H_

#include <algorithm>
#include <cmath>

namespace darkroom::diffusion {

struct AncestralStep {
  double sigma_down = 0;  // where the deterministic part of the step goes
  double sigma_up = 0;    // the noise that is added then
};

// Splits the step between two sigmas so that sigma_down² + sigma_up² = sigma_to²; eta 0 adds no
// noise. k-diffusion: get_ancestral_step.
inline AncestralStep SplitAncestralStep(double sigma_from, double sigma_to, double eta) {
  const double from2 = sigma_from * sigma_from;
  const double to2 = sigma_to * sigma_to;
  const double up = std::min(sigma_to, eta * std::sqrt(to2 * (from2 - to2) / from2));
  return {.sigma_down = std::sqrt(to2 - up * up), .sigma_up = up};
}

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_SAMPLING_ANCESTRAL_STEP_H_
