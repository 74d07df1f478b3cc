#include "worker/diffusion/sampling/mt19937_noise.h"

#include <cmath>
#include <cstddef>
#include <numbers>

#include "worker/diffusion/sampling/cephes_math.h"

namespace darkroom::diffusion {
namespace {

// Values are made in blocks of sixteen: eight pairs whose halves lie eight apart.
constexpr std::size_t kBlock = 16;
constexpr std::size_t kHalf = kBlock / 2;

void BoxMullerBlock(float* values) {
  for (std::size_t i = 0; i < kHalf; ++i) {
    const float u1 = 1.0f - values[i];  // (0, 1]: log is finite
    const float u2 = values[i + kHalf];
    const float radius = std::sqrt(-2.0f * CephesLog(u1));
    const SineAndCosine angle = CephesSineAndCosine(2.0f * std::numbers::pi_v<float> * u2);
    // Adding zero makes a negative zero positive, as torch's scaling to a mean does.
    values[i] = radius * angle.cosine + 0.0f;
    values[i + kHalf] = radius * angle.sine + 0.0f;
  }
}

}  // namespace

float Mt19937Noise::UniformFloat() { return static_cast<float>(engine_() & 0xFFFFFF) * 0x1p-24f; }

double Mt19937Noise::UniformDouble() {
  const std::uint64_t high = engine_();
  const std::uint64_t bits = high << 32 | engine_();
  return static_cast<double>(bits & ((std::uint64_t{1} << 53) - 1)) * 0x1p-53;
}

float Mt19937Noise::DrawOne() {
  if (next_.has_value()) {
    const double value = *next_;
    next_.reset();
    return static_cast<float>(value);
  }
  const double u1 = UniformDouble();
  const double u2 = UniformDouble();
  const double radius = std::sqrt(-2.0 * std::log1p(-u2));
  const double theta = 2.0 * std::numbers::pi * u1;
  next_ = radius * std::sin(theta);
  return static_cast<float>(radius * std::cos(theta));
}

void Mt19937Noise::Draw(absl::Span<float> values) {
  if (values.size() < kBlock) {
    for (float& value : values) value = DrawOne();
    return;
  }
  for (float& value : values) value = UniformFloat();
  for (std::size_t i = 0; i + kBlock <= values.size(); i += kBlock) BoxMullerBlock(&values[i]);
  if (values.size() % kBlock != 0) {
    // torch draws the last sixteen values afresh rather than leave a part of a block.
    const absl::Span<float> last = values.subspan(values.size() - kBlock);
    for (float& value : last) value = UniformFloat();
    BoxMullerBlock(last.data());
  }
}

}  // namespace darkroom::diffusion
