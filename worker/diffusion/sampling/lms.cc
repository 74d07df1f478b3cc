#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "ATen/TensorOperators.h"
#include "worker/diffusion/sampling/samplers.h"

namespace darkroom::diffusion {
namespace {

constexpr int kOrder = 4;

// The integral over step i of the polynomial that is 1 at sigma[i − j] and 0 at the other `order`
// last sigmas. Of degree 3 at most, for which Gauss and Legendre's two points are exact.
double Coefficient(const std::vector<double>& sigma, int order, int i, int j) {
  const double middle = (sigma[i] + sigma[i + 1]) / 2;
  const double half = (sigma[i + 1] - sigma[i]) / 2;
  double sum = 0;
  for (const double point : {-std::numbers::inv_sqrt3, std::numbers::inv_sqrt3}) {
    double product = 1;
    for (int k = 0; k < order; ++k) {
      if (k == j) continue;
      product *= (middle + half * point - sigma[i - k]) / (sigma[i - j] - sigma[i - k]);
    }
    sum += product;
  }
  return sum * half;
}

}  // namespace

// The linear multistep method of Adams and Bashforth of order 4 over unevenly spaced sigmas.
// k-diffusion: sample_lms.
Trajectory Lms(SamplerContext& ctx) {
  const std::vector<double>& sigma = ctx.sigmas();
  at::Tensor x = ctx.NoisedTo(sigma[0]);
  std::array<at::Tensor, kOrder> d;  // newest first
  for (int i = ctx.Carry(x, d[0], d[1], d[2]); i < ctx.steps(); ++i) {
    const at::Tensor denoised = co_await Denoise(x, sigma[i]);
    std::rotate(d.begin(), d.end() - 1, d.end());
    d[0] = (x - denoised) / sigma[i];
    const int order = std::min(i + 1, kOrder);
    for (int j = 0; j < order; ++j) x = x + d[j] * Coefficient(sigma, order, i, j);
    ctx.StepDone();
  }
  co_return x;
}

}  // namespace darkroom::diffusion
