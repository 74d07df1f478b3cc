#include "worker/diffusion/sampling/brownian_tree.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>

#include "worker/diffusion/sampling/noise_generator.h"
#include "worker/diffusion/sampling/seed_sequence.h"

namespace darkroom::diffusion {
namespace {

constexpr int kDigits = 6;

// Python's round(time, 6), which rounds the exact binary value: half of all middles between two
// rounded times are ties but for their last bit.
double Round(double time) {
  char text[64];
  const auto written =
      std::to_chars(std::begin(text), std::end(text), time, std::chars_format::fixed, kDigits);
  double rounded = 0;
  std::from_chars(std::begin(text), written.ptr, rounded);
  return rounded;
}

}  // namespace

BrownianTree::BrownianTree(NoiseSource source, std::uint64_t seed, double start, double end,
                           std::size_t size)
    : source_(source), seed_(seed), size_(size) {
  root_ = {.start = Round(start),
           .end = Round(end),
           .key = 0,
           .w = Noise(SeedSequence(seed).FirstWord())};
  const auto deviation = static_cast<float>(std::sqrt(end - start));
  for (float& w : root_.w) w *= deviation;
}

void BrownianTree::Increment(double from, double to, absl::Span<float> increment) {
  std::fill(increment.begin(), increment.end(), 0.0f);
  const double first = std::clamp(Round(from), root_.start, root_.end);
  const double last = std::clamp(Round(to), root_.start, root_.end);
  if (first < last) Add(root_, 0, first, last, increment);
}

// The right half first: what is kept of each depth is then the way to `from`, and a sampler, whose
// times fall, asks for the interval that ends there next.
void BrownianTree::Add(const Node& node, std::size_t depth, double from, double to,
                       absl::Span<float> sum) {
  if (from == node.start && to == node.end) {
    for (std::size_t i = 0; i < size_; ++i) sum[i] += node.w[i];
    return;
  }
  const auto& [left, right] = Halve(node, depth);
  if (to > right.start) Add(right, depth + 1, std::max(from, right.start), to, sum);
  if (from < left.end) Add(left, depth + 1, from, std::min(to, left.end), sum);
}

// The Brownian bridge, in torchsde's order of float32 operations.
const BrownianTree::Halves& BrownianTree::Halve(const Node& node, std::size_t depth) {
  if (depth == halves_.size()) halves_.emplace_back();
  auto& [left, right] = halves_[depth];
  if (!left.w.empty() && left.key == 2 * node.key) return halves_[depth];
  const double middle = Round(0.5 * (node.end + node.start));
  left.start = node.start;
  left.end = right.start = middle;
  right.end = node.end;
  left.key = 2 * node.key;
  right.key = left.key + 1;

  const double reciprocal = 1 / (node.end - node.start);
  const auto length = static_cast<float>(middle - node.start);
  const auto factor = static_cast<float>(reciprocal);
  const auto deviation =
      static_cast<float>(std::sqrt((middle - node.start) * (node.end - middle) * reciprocal));
  left.w = Noise(SeedSequence(seed_, {node.key, depth}).FirstWord());
  right.w.resize(size_);
  for (std::size_t i = 0; i < size_; ++i) {
    left.w[i] = length * node.w[i] * factor + deviation * left.w[i];
    right.w[i] = node.w[i] - left.w[i];
  }
  return halves_[depth];
}

std::vector<float> BrownianTree::Noise(std::uint32_t seed) const {
  std::vector<float> noise(size_);
  MakeNoiseGenerator(source_, seed)->Draw(absl::MakeSpan(noise));
  return noise;
}

}  // namespace darkroom::diffusion
