#ifndef DARKROOM_WORKER_DIFFUSION_SAMPLING_DPM_SOLVER_H_
#define DARKROOM_WORKER_DIFFUSION_SAMPLING_DPM_SOLVER_H_

#include <algorithm>
#include <cmath>

#include "ATen/TensorOperators.h"
#include "ATen/core/Tensor.h"
#include "worker/diffusion/sampling/ancestral_step.h"

namespace darkroom::diffusion {

// Algorithms 1, 2 and 4 of Lu et al., "DPM-Solver" (2022), with noise predictions (eps) over
// t = −log sigma. k-diffusion: DPMSolver.

inline double SigmaOf(double t) { return std::exp(-t); }

// From t to t + h with the noise at t alone.
inline at::Tensor DpmSolver1(const at::Tensor& x, double t, double h, const at::Tensor& eps) {
  return x - eps * (SigmaOf(t + h) * std::expm1(h));
}

// With the noise at t and at t + r * h.
inline at::Tensor DpmSolver2(const at::Tensor& x, double t, double h, double r,
                             const at::Tensor& eps, const at::Tensor& eps_r) {
  const double weight = SigmaOf(t + h) * std::expm1(h) / (2 * r);
  return DpmSolver1(x, t, h, eps) - (eps_r - eps) * weight;
}

// The same, exact where the noise is linear in t: the second and third stage of DPM-Solver-3.
inline at::Tensor DpmSolver3(const at::Tensor& x, double t, double h, double r,
                             const at::Tensor& eps, const at::Tensor& eps_r) {
  const double weight = SigmaOf(t + h) * (std::expm1(h) / h - 1) / r;
  return DpmSolver1(x, t, h, eps) - (eps_r - eps) * weight;
}

// Where the deterministic part of a step between two times goes, and the noise that is added then.
struct DpmAncestralStep {
  double t_down = 0;
  double sigma_up = 0;
};

// No step goes beyond t_end, which is one part of a step that goes further.
inline DpmAncestralStep SplitDpmStep(double t, double t_next, double t_end, double eta) {
  if (eta == 0) return {.t_down = t_next, .sigma_up = 0};
  const double sigma_next = SigmaOf(t_next);
  const double down = SplitAncestralStep(SigmaOf(t), sigma_next, eta).sigma_down;
  const double t_down = std::min(t_end, -std::log(down));
  const double variance = sigma_next * sigma_next - SigmaOf(t_down) * SigmaOf(t_down);
  return {.t_down = t_down, .sigma_up = std::sqrt(std::max(variance, 0.0))};
}

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_SAMPLING_DPM_SOLVER_H_
