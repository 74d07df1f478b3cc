#include "worker/diffusion/sampling/beta_quantile.h"

#include <cmath>
#include <limits>

namespace darkroom::diffusion {
namespace {

constexpr double kEpsilon = std::numeric_limits<double>::epsilon();
// Instead of a zero denominator.
constexpr double kTiny = 1e-300;

// The continued fraction of I_x(a, b) (DLMF 8.17.22) by Lentz's method. Converges within some
// dozens of terms for x below (a + 1) / (a + b + 2).
double ContinuedFraction(double x, double a, double b) {
  constexpr int kMaxTerms = 1000;
  double c = std::numeric_limits<double>::infinity();
  double d = 1;
  double fraction = 1;
  // Multiplies the fraction by what one more coefficient adds, and returns that.
  const auto add = [&](double coefficient) {
    d = 1 + coefficient * d;
    c = 1 + coefficient / c;
    if (std::abs(d) < kTiny) d = kTiny;
    if (std::abs(c) < kTiny) c = kTiny;
    d = 1 / d;
    fraction *= c * d;
    return c * d;
  };
  add(-(a + b) * x / (a + 1));
  for (int m = 1; m < kMaxTerms; ++m) {
    add(m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)));
    const double change = add(-(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)));
    if (std::abs(change - 1) < kEpsilon) break;
  }
  return fraction;
}

}  // namespace

double BetaProbability(double x, double a, double b) {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  // I_x(a, b) = 1 - I_(1-x)(b, a): the side on which the fraction converges.
  if (x > (a + 1) / (a + b + 2)) return 1 - BetaProbability(1 - x, b, a);
  const double log_beta = std::lgamma(a) + std::lgamma(b) - std::lgamma(a + b);
  const double power = std::exp(a * std::log(x) + b * std::log1p(-x) - log_beta);
  return power * ContinuedFraction(x, a, b) / a;
}

double BetaQuantile(double probability, double a, double b) {
  // A quantile below this is as good as 0.
  constexpr double kSmallest = 1e-40;
  if (probability <= 0) return 0;
  if (probability >= 1) return 1;
  double low = 0;
  double high = 1;
  while (high - low > kEpsilon * high && high > kSmallest) {
    const double middle = low + (high - low) / 2;
    if (middle <= low || middle >= high) break;
    (BetaProbability(middle, a, b) < probability ? low : high) = middle;
  }
  return low + (high - low) / 2;
}

}  // namespace darkroom::diffusion
