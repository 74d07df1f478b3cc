#include "worker/engine/cost_table.h"

#include <algorithm>

namespace darkroom::worker {
namespace {

absl::Duration MedianOf(const std::deque<absl::Duration>& samples) {
  std::vector<absl::Duration> sorted(samples.begin(), samples.end());
  const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
  std::nth_element(sorted.begin(), middle, sorted.end());
  return *middle;
}

// Makes room in a map of things that were `used` at some time.
template <typename Map>
void ForgetOldest(Map& map, std::size_t most) {
  if (map.size() <= most) return;
  map.erase(std::min_element(map.begin(), map.end(), [](const auto& a, const auto& b) {
    return a.second.used < b.second.used;
  }));
}

}  // namespace

void CostTable::Record(const Shape& shape, int rows, absl::Duration elapsed) {
  ++uses_;
  Rows& of_shape = shapes_[shape];
  of_shape.used = uses_;
  Samples& samples = of_shape.samples[rows];
  samples.used = uses_;
  samples.newest.push_back(elapsed);
  if (samples.newest.size() > kSamples) samples.newest.pop_front();
  ForgetOldest(of_shape.samples, kMostRowCounts);
  ForgetOldest(shapes_, kMostShapes);
}

std::vector<CostTable::Cost> CostTable::Costs() const {
  std::vector<Cost> costs;
  for (const auto& [shape, of_shape] : shapes_) {
    for (const auto& [rows, samples] : of_shape.samples) {
      if (samples.newest.size() < kLeastSamples) continue;
      costs.push_back({.shape = shape, .rows = rows, .time = MedianOf(samples.newest)});
    }
  }
  return costs;
}

}  // namespace darkroom::worker
