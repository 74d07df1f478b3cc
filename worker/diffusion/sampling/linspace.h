#ifndef DARKROOM_WORKER_DIFFUSION_SAMPLING_LINSPACE_H_
#define DARKROOM_WORKER_DIFFUSION_SAMPLING_LINSPACE_H_

#include <type_traits>
#include <vector>

namespace darkroom::diffusion {

// n ≥ 1 evenly spaced values from `start` to `end`, both included; one value is `start`. Rounds as
// torch.linspace does, which counts from the nearer end: noise schedules were made with it.
template <typename Real = double>
std::vector<Real> Linspace(std::type_identity_t<Real> start, std::type_identity_t<Real> end,
                           int n) {
  if (n == 1) return {start};
  const Real step = (end - start) / (n - 1);
  std::vector<Real> values;
  for (int i = 0; i < n; ++i) {
    values.push_back(i < n / 2 ? start + step * i : end - step * (n - 1 - i));
  }
  return values;
}

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_SAMPLING_LINSPACE_H_
