#include "worker/diffusion/weights/tensor_spread.h"

#include <cmath>
#include <cstdint>
#include <cstring>
#include <vector>

#include "absl/status/status.h"

namespace darkroom::diffusion {
namespace {

// IEEE 754 binary16.
double FromHalf(std::uint16_t bits) {
  const int exponent = bits >> 10 & 0x1F;
  const int fraction = bits & 0x3FF;
  const double sign = (bits & 0x8000) != 0 ? -1 : 1;
  if (exponent == 0x1F) return fraction == 0 ? sign * INFINITY : NAN;
  if (exponent == 0) return sign * std::ldexp(fraction, -24);
  return sign * std::ldexp(fraction + 0x400, exponent - 25);
}

// The upper half of a float.
double FromBfloat16(std::uint16_t bits) {
  const std::uint32_t wide = std::uint32_t{bits} << 16;
  float value = 0;
  std::memcpy(&value, &wide, sizeof(value));
  return value;
}

double FromFloat(float value) { return value; }

template <typename Stored>
std::vector<double> Values(absl::string_view bytes, double (*convert)(Stored)) {
  std::vector<double> values(bytes.size() / sizeof(Stored));
  for (std::size_t i = 0; i < values.size(); ++i) {
    Stored stored{};
    std::memcpy(&stored, bytes.data() + i * sizeof(Stored), sizeof(Stored));
    values[i] = convert(stored);
  }
  return values;
}

}  // namespace

absl::StatusOr<double> StandardDeviation(const TensorView& view) {
  std::vector<double> values;
  if (view.type == TensorType::kF32) values = Values<float>(view.bytes, FromFloat);
  if (view.type == TensorType::kF16) values = Values<std::uint16_t>(view.bytes, FromHalf);
  if (view.type == TensorType::kBF16) values = Values<std::uint16_t>(view.bytes, FromBfloat16);
  if (values.empty()) return absl::InvalidArgumentError("no floating-point values to measure");
  const auto count = static_cast<double>(values.size());
  double mean = 0;
  for (const double value : values) mean += value / count;
  double variance = 0;
  for (const double value : values) variance += (value - mean) * (value - mean) / count;
  return std::sqrt(variance);
}

}  // namespace darkroom::diffusion
