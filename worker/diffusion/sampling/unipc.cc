#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <utility>

#include "ATen/TensorOperators.h"
#include "worker/diffusion/sampling/diffusion_level.h"
#include "worker/diffusion/sampling/linspace.h"
#include "worker/diffusion/sampling/samplers.h"
#include "worker/diffusion/sampling/timestep_start.h"

namespace darkroom::diffusion {
namespace {

constexpr int kOrder = 3;

// At a timestep that may be fractional; between timesteps log signal is linear.
DiffusionLevel LevelAt(const NoiseSchedule& model, double t) {
  const int low = static_cast<int>(t);
  const int high = std::min(low + 1, model.timesteps() - 1);
  const double log_alpha = 0.5 * std::lerp(std::log(model.alpha_cumprod(low)),
                                           std::log(model.alpha_cumprod(high)), t - low);
  return {
      .signal = std::exp(log_alpha), .noise = std::sqrt(-std::expm1(2 * log_alpha)), .timestep = t};
}

// lambda = log(signal / noise) of a level, and the prediction there.
struct Point {
  double lambda = 0;
  at::Tensor denoised = {};
};

// Solves the system of equations sum over j of r[j]^i * x[j] = b[i], i = 0 … n − 1, for x.
std::vector<double> SolveVandermonde(const std::vector<double>& r, std::vector<double> b) {
  const int n = static_cast<int>(r.size());
  // Björck and Pereyra (1970), for the transposed of their system: r need only be distinct.
  for (int k = 0; k < n - 1; ++k) {
    for (int i = n - 1; i > k; --i) b[i] -= r[k] * b[i - 1];
  }
  for (int k = n - 2; k >= 0; --k) {
    for (int i = k + 1; i < n; ++i) b[i] /= r[i] - r[i - k - 1];
    for (int i = k; i < n - 1; ++i) b[i] -= b[i + 1];
  }
  return b;
}

// A step of UniPC over h in lambda, with B(h) = h ("bh1"), from the points before it.
class Update {
 public:
  // `history`, newest first, has at least `order` points.
  Update(const std::array<Point, kOrder>& history, int order, double h)
      : order_(order), h_(h), latest_(history[0].denoised) {
    double phi = std::expm1(-h) / -h - 1;
    double factorial = 1;
    for (int i = 1; i <= order; ++i) {
      b_.push_back(phi * factorial / -h);
      factorial *= i + 1;
      phi = phi / -h - 1 / factorial;
    }
    for (int k = 1; k < order; ++k) {
      r_.push_back((history[k].lambda - history[0].lambda) / h);
      differences_.push_back((history[k].denoised - latest_) / r_.back());
    }
  }

  // What the differences of the points before add to the step.
  at::Tensor Predict() const {
    std::vector<double> rho = {0.5};  // as the paper simplifies order 2
    if (order_ > 2) rho = SolveVandermonde(r_, {b_.begin(), b_.end() - 1});
    return Sum(rho);
  }

  // The same with the prediction at the end of the step.
  at::Tensor Correct(const at::Tensor& denoised) const {
    std::vector<double> r = r_;
    r.push_back(1);
    const std::vector<double> rho =
        order_ == 1 ? std::vector<double>{0.5} : SolveVandermonde(r, b_);
    return Sum(rho) + (denoised - latest_) * (rho.back() * h_);
  }

 private:
  at::Tensor Sum(const std::vector<double>& rho) const {
    at::Tensor sum = latest_ * 0;
    for (std::size_t k = 0; k < differences_.size(); ++k) {
      sum = sum + differences_[k] * (rho[k] * h_);
    }
    return sum;
  }

  const int order_;
  const double h_;
  const at::Tensor latest_;
  std::vector<double> b_;
  std::vector<double> r_;
  std::vector<at::Tensor> differences_;
};

}  // namespace

// UniPC of Zhao et al., "UniPC: a unified predictor-corrector framework for fast sampling of
// diffusion models" (2023), algorithms 5 and 6 for predictions of the picture: order 3, evenly
// spaced timesteps from the last to the first, lower orders at both ends, no corrector in the last
// step. Each step's only call is at the point that its predictor found; the corrector then uses it
// as the next step does. AUTOMATIC1111: unipc, which has as many steps as DDIM has levels, begins
// at the last of them where there is a picture to begin with, and refuses fewer than three.
Trajectory UniPc(SamplerContext& ctx) {
  const NoiseSchedule& model = ctx.model();
  auto [levels, x] = BeginOverTimesteps(ctx);
  if (levels.empty()) co_return x;
  const int steps = static_cast<int>(levels.size());
  const double first = ctx.init() == nullptr ? model.timesteps() - 1 : levels.back().timestep;
  const std::vector<double> t = Linspace(first, 0, steps + 1);
  std::array<Point, kOrder> history;  // newest first
  const int done = ctx.Carry(x, history[0].denoised, history[1].denoised, history[2].denoised,
                             history[0].lambda, history[1].lambda, history[2].lambda);
  if (done == 0) {
    const DiffusionLevel from = LevelAt(model, t[0]);
    history[0].lambda = -std::log(from.sigma());
    history[0].denoised = co_await Denoise(from.Scaled(x), from.sigma(), from.timestep);
  }
  for (int i = done + 1; i <= steps; ++i) {
    const DiffusionLevel from = LevelAt(model, t[i - 1]);
    const DiffusionLevel to = LevelAt(model, t[i]);
    const double lambda = -std::log(to.sigma());
    const double h = lambda - history[0].lambda;
    const Update update(history, std::min({kOrder, i, steps + 1 - i}), h);
    const at::Tensor base =
        x * (to.noise / from.noise) - history[0].denoised * (to.signal * std::expm1(-h));
    x = base + update.Predict() * to.signal;
    if (i < steps) {
      const at::Tensor denoised = co_await Denoise(to.Scaled(x), to.sigma(), to.timestep);
      x = base + update.Correct(denoised) * to.signal;
      std::rotate(history.begin(), history.end() - 1, history.end());
      history[0] = {.lambda = lambda, .denoised = denoised};
    }
    ctx.ShareDone(static_cast<double>(i) / steps);
  }
  co_return x;
}

}  // namespace darkroom::diffusion
