#include <algorithm>
#include <array>

#include "ATen/TensorOperators.h"
#include "worker/diffusion/sampling/diffusion_level.h"
#include "worker/diffusion/sampling/samplers.h"
#include "worker/diffusion/sampling/timestep_start.h"

namespace darkroom::diffusion {
namespace {

// DDIM's step with a given noise.
at::Tensor Transfer(const at::Tensor& x, const at::Tensor& eps, const DiffusionLevel& from,
                    const DiffusionLevel& to) {
  return from.Denoised(x, eps) * to.signal + eps * to.noise;
}

}  // namespace

// Pseudo linear multistep, algorithm 2 of Liu et al., "Pseudo numerical methods for diffusion
// models on manifolds" (2022), begun with one step of the improved Euler method: DDIM's steps with
// the noise of Adams and Bashforth's method of order 4. AUTOMATIC1111: plms.
Trajectory Plms(SamplerContext& ctx) {
  auto [levels, x] = BeginOverTimesteps(ctx);
  const int calls = static_cast<int>(levels.size()) - 1;
  std::array<at::Tensor, 4> eps;  // newest first
  for (int i = calls - ctx.Carry(x, eps[0], eps[1], eps[2]); i > 0; --i) {
    const DiffusionLevel& from = levels[i];
    const DiffusionLevel& to = levels[i - 1];
    const at::Tensor denoised = co_await Denoise(from.Scaled(x), from.sigma(), from.timestep);
    std::rotate(eps.begin(), eps.end() - 1, eps.end());
    eps[0] = from.Eps(x, denoised);
    at::Tensor mean;
    if (eps[3].defined()) {
      mean = (eps[0] * 55 - eps[1] * 59 + eps[2] * 37 - eps[3] * 9) / 24;
    } else if (eps[2].defined()) {
      mean = (eps[0] * 23 - eps[1] * 16 + eps[2] * 5) / 12;
    } else if (eps[1].defined()) {
      mean = (eps[0] * 3 - eps[1]) / 2;
    } else {
      const at::Tensor next = Transfer(x, eps[0], from, to);
      const at::Tensor denoised_next = co_await Denoise(to.Scaled(next), to.sigma(), to.timestep);
      mean = (eps[0] + to.Eps(next, denoised_next)) / 2;
    }
    x = Transfer(x, mean, from, to);
    ctx.ShareDone((calls - i + 1.0) / calls);
  }
  co_return x;
}

}  // namespace darkroom::diffusion
