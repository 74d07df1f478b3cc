#include "naming/upscale_plan.h"

#include <algorithm>
#include <cmath>

namespace darkroom::naming {
namespace {

constexpr int kMostRuns = 3;

int AimedAt(int side, double scale) {
  return std::max(static_cast<int>(std::floor(side * scale / 8) * 8), 1);
}

}  // namespace

UpscalePlan PlanUpscale(int width, int height, int to_width, int to_height, int network_scale) {
  UpscalePlan plan{.largest_width = width, .largest_height = height};
  const double scale =
      std::max(static_cast<double>(to_width) / width, static_cast<double>(to_height) / height);
  if (scale <= 1) return plan;
  plan.aimed_width = AimedAt(width, scale);
  plan.aimed_height = AimedAt(height, scale);
  // A network that keeps the size runs once.
  const int most = network_scale == 1 ? 1 : kMostRuns;
  while (plan.runs < most &&
         (plan.largest_width < plan.aimed_width || plan.largest_height < plan.aimed_height)) {
    plan.pixels += plan.largest_width * plan.largest_height;
    plan.largest_width *= network_scale;
    plan.largest_height *= network_scale;
    ++plan.runs;
  }
  return plan;
}

}  // namespace darkroom::naming
