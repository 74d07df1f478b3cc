#include "naming/upscale_plan.h"

#include <algorithm>
#include <cmath>

namespace darkroom::naming {
namespace {

constexpr int kMostRuns = 3;

int AimedAt(int side, double scale) { return static_cast<int>(std::floor(side * scale / 8) * 8); }

}  // namespace

UpscaleAim AimBy(int width, int height, double scale) {
  return {.scale = scale, .width = AimedAt(width, scale), .height = AimedAt(height, scale)};
}

UpscaleAim AimToCover(int width, int height, int to_width, int to_height) {
  UpscaleAim aim = AimBy(
      width, height,
      std::max(static_cast<double>(to_width) / width, static_cast<double>(to_height) / height));
  aim.width = std::max(aim.width, to_width);
  aim.height = std::max(aim.height, to_height);
  return aim;
}

UpscalePlan PlanUpscale(int width, int height, const UpscaleAim& aim, int network_scale) {
  UpscalePlan plan{.aimed_width = aim.width,
                   .aimed_height = aim.height,
                   .largest_width = width,
                   .largest_height = height};
  // A network that keeps the size runs once.
  const int most = network_scale == 1 ? 1 : kMostRuns;
  const auto reached = [&plan] {
    return plan.largest_width >= plan.aimed_width && plan.largest_height >= plan.aimed_height;
  };
  // At a scale of 1 it runs for what it does beside enlarging.
  while (plan.runs < most && (!reached() || (plan.runs == 0 && aim.scale == 1))) {
    plan.pixels += plan.largest_width * plan.largest_height;
    plan.largest_width *= network_scale;
    plan.largest_height *= network_scale;
    ++plan.runs;
  }
  return plan;
}

UpscalePlan PlanUpscale(int width, int height, int to_width, int to_height, int network_scale) {
  const double scale =
      std::max(static_cast<double>(to_width) / width, static_cast<double>(to_height) / height);
  if (scale <= 1) return {.largest_width = width, .largest_height = height};
  UpscaleAim aim = AimBy(width, height, scale);
  aim.width = std::max(aim.width, 1);
  aim.height = std::max(aim.height, 1);
  return PlanUpscale(width, height, aim, network_scale);
}

}  // namespace darkroom::naming
