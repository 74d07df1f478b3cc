#include "worker/diffusion/sampling/philox_noise.h"

#include <array>
#include <cmath>
#include <cstddef>
#include <numbers>

namespace darkroom::diffusion {
namespace {

using Words = std::array<std::uint32_t, 4>;

constexpr int kRounds = 10;
constexpr std::uint64_t kMultiplier0 = 0xD2511F53;
constexpr std::uint64_t kMultiplier1 = 0xCD9E8D57;
constexpr std::uint32_t kWeyl0 = 0x9E3779B9;
constexpr std::uint32_t kWeyl1 = 0xBB67AE85;

std::uint32_t High(std::uint64_t product) { return static_cast<std::uint32_t>(product >> 32); }
std::uint32_t Low(std::uint64_t product) { return static_cast<std::uint32_t>(product); }

Words Philox(Words counter, std::uint64_t seed) {
  std::uint32_t key0 = Low(seed);
  std::uint32_t key1 = High(seed);
  for (int round = 0; round < kRounds; ++round) {
    const std::uint64_t product0 = kMultiplier0 * counter[0];
    const std::uint64_t product1 = kMultiplier1 * counter[2];
    counter = {High(product1) ^ counter[1] ^ key0, Low(product1),
               High(product0) ^ counter[3] ^ key1, Low(product0)};
    key0 += kWeyl0;
    key1 += kWeyl1;
  }
  return counter;
}

// The middles of 2^32 equal parts of (0, 1) and of (0, 2π). The reference computes in double with
// constants that it has rounded to float.
float SineBoxMuller(std::uint32_t x, std::uint32_t y) {
  constexpr float kPart = 0x1p-32f;
  constexpr float kAngle = static_cast<float>(0x1p-32 * 2 * std::numbers::pi);
  const double u = x * static_cast<double>(kPart) + kPart / 2;
  const double v = y * static_cast<double>(kAngle) + kAngle / 2;
  return static_cast<float>(std::sqrt(-2.0 * std::log(u)) * std::sin(v));
}

}  // namespace

void PhiloxNoise::Draw(absl::Span<float> values) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    const Words random = Philox({draw_, 0, static_cast<std::uint32_t>(i), 0}, seed_);
    values[i] = SineBoxMuller(random[0], random[1]);
  }
  ++draw_;
}

}  // namespace darkroom::diffusion
