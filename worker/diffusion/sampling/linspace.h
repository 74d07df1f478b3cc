#ifndef DARKROOM_WORKER_DIFFUSION_SAMPLING_LINSPACE_H_
#define DARKROOM_WORKER_DIFFUSION_SAMPLING_LINSPACE_H_

#include <cmath>
#include <vector>

namespace darkroom::diffusion {

// n ≥ 1 evenly spaced values from `start` to `end`, both included; one value is `start`.
inline std::vector<double> Linspace(double start, double end, int n) {
  std::vector<double> values(1, start);
  for (int i = 1; i < n; ++i) values.push_back(std::lerp(start, end, double(i) / (n - 1)));
  return values;
}

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_SAMPLING_LINSPACE_H_
