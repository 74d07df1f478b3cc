#include "worker/diffusion/guidance/soft_inpainting.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "ATen/TensorOperators.h"
#include "ATen/ops/clamp.h"
#include "ATen/ops/linalg_vector_norm.h"
#include "ATen/ops/pow.h"

namespace darkroom::diffusion {
namespace {

constexpr int kReach = 2;  // pixels of a latent that the filter looks to every side

// Lengths of the four channels' vectors: [1, 1, h, w].
at::Tensor Lengths(const at::Tensor& latent) {
  return at::linalg_vector_norm(latent, 2, at::IntArrayRef{1}, /*keepdim=*/true);
}

// A Gaussian that ends in 0 one pixel beyond its reach.
std::array<double, (2 * kReach + 1) * (2 * kReach + 1)> Kernel() {
  constexpr double kDeviation = 1.5;
  const auto gaussian = [](double square) { return std::exp(-square / (kDeviation * kDeviation)); };
  const double zero = gaussian((kReach + 1.0) * (kReach + 1.0));
  std::array<double, (2 * kReach + 1) * (2 * kReach + 1)> kernel{};
  auto weight = kernel.begin();
  for (int y = -kReach; y <= kReach; ++y) {
    for (int x = -kReach; x <= kReach; ++x, ++weight) {
      *weight = std::max(0.0, (gaussian(x * x + y * y) - zero) * (1 / (1 - zero)));
    }
  }
  return kernel;
}

// A picture of floats, rows from the top.
struct FloatMap {
  int width = 0;
  int height = 0;
  std::vector<float> values;

  float& at(int x, int y) { return values[static_cast<std::size_t>(y) * width + x]; }
  float at(int x, int y) const { return values[static_cast<std::size_t>(y) * width + x]; }
};

FloatMap ToMap(const at::Tensor& tensor) {
  const at::Tensor here = tensor.to(at::kCPU).contiguous();
  const float* values = here.const_data_ptr<float>();
  return {.width = static_cast<int>(here.size(3)),
          .height = static_cast<int>(here.size(2)),
          .values = {values, values + here.numel()}};
}

// Values with weights, from the lowest; the part of their stack between two heights.
struct Weighted {
  float value = 0;
  double weight = 0;
};
struct Percentiles {
  double low = 0;
  double high = 1;
};

// The part's heights: at least one unit of weight, within the stack.
std::array<double, 2> Window(double sum, const Percentiles& part) {
  double low = sum * part.low;
  double high = sum * part.high;
  if (high - low >= 1) return {low, high};
  const double centre = (low + high) / 2;
  low = centre - 0.5;
  high = centre + 0.5;
  if (high > sum) {
    high = sum;
    low = sum - 1;
  }
  if (low < 0) {
    low = 0;
    high = 1;
  }
  return {low, high};
}

// Their mean within the part.
float MeanWithin(std::vector<Weighted>& values, const Percentiles& part) {
  std::stable_sort(values.begin(), values.end(),
                   [](const Weighted& a, const Weighted& b) { return a.value < b.value; });
  double sum = 0;
  for (const Weighted& value : values) sum += value.weight;
  const auto [low, high] = Window(sum, part);
  double total = 0;
  double weight = 0;
  double bottom = 0;
  for (const Weighted& value : values) {
    const double top = bottom + value.weight;
    const double overlap = std::min(high, top) - std::max(low, bottom);
    if (overlap > 0) {
      total += value.value * overlap;
      weight += overlap;
    }
    bottom = top;
  }
  return weight == 0 ? 0 : static_cast<float>(total / weight);
}

// weighted_histogram_filter.
FloatMap Filtered(const FloatMap& map, const Percentiles& part) {
  static const auto kernel = Kernel();
  FloatMap result = map;
  std::vector<Weighted> around;
  for (int y = 0; y < map.height; ++y) {
    for (int x = 0; x < map.width; ++x) {
      around.clear();
      for (int v = std::max(0, y - kReach); v < std::min(map.height, y + kReach + 1); ++v) {
        for (int u = std::max(0, x - kReach); u < std::min(map.width, x + kReach + 1); ++u) {
          const int at = (v - y + kReach) * (2 * kReach + 1) + u - x + kReach;
          around.push_back({.value = map.at(u, v), .weight = kernel[at]});
        }
      }
      result.at(x, y) = MeanWithin(around, part);
    }
  }
  return result;
}

float Smootherstep(float x) { return x * x * x * (x * (6 * x - 15) + 10); }

}  // namespace

at::Tensor MadeShare(const SoftInpainting& options, const at::Tensor& renewed, double level) {
  const double blends = std::pow(level, options.schedule_bias) * options.preservation_strength;
  return at::pow(renewed, blends);
}

at::Tensor BlendLatents(const SoftInpainting& options, const at::Tensor& original,
                        const at::Tensor& made, const at::Tensor& share) {
  const double power = options.transition_contrast_boost;
  const at::Tensor blend = original * (1 - share) + made * share;
  // In double precision, because the powers are large.
  const at::Tensor length = Lengths(blend).to(at::kDouble) + 0.00001;
  const at::Tensor wanted =
      at::pow(at::pow(Lengths(original).to(at::kDouble), power) * (1 - share) +
                  at::pow(Lengths(made).to(at::kDouble), power) * share,
              1 / power);
  return blend * (wanted / length).to(at::kFloat);
}

GreyImage ChangedMask(const SoftInpainting& options, const at::Tensor& original,
                      const at::Tensor& made, const at::Tensor& renewed) {
  const at::Tensor kept = 1 - at::pow(at::clamp(renewed, 0, 1), options.preservation_strength / 2);
  const at::Tensor share = 0.5 * (1 - options.mask_influence) + kept * options.mask_influence;
  // The distance of which half of the original is left.
  const FloatMap half = ToMap(options.difference_threshold * (share / (1.00001 - share)));
  FloatMap distance = ToMap(Lengths(made - original));
  distance = Filtered(distance, {.low = 0.9, .high = 1});
  distance = Filtered(distance, {.low = 0.25, .high = 0.75});

  GreyImage mask{.width = half.width, .height = half.height, .pixels = {}};
  mask.pixels.reserve(half.values.size());
  const auto contrast = static_cast<float>(options.difference_contrast);
  for (std::size_t i = 0; i < half.values.size(); ++i) {
    const float opacity = 1 / (1 + std::pow(distance.values[i] / half.values[i], contrast));
    const float changed = 255.0f * (1 - Smootherstep(opacity));
    // Where nothing has changed and nothing is tolerated, 0 / 0, the original stays.
    mask.pixels.push_back(std::isnan(changed) ? 0 : static_cast<std::uint8_t>(changed));
  }
  return mask;
}

}  // namespace darkroom::diffusion
