#include "worker/diffusion/sampling/cephes_math.h"

#include <cmath>
#include <initializer_list>

namespace darkroom::diffusion {
namespace {

// The polynomial with these coefficients, that of the highest power first.
float Horner(float x, std::initializer_list<float> coefficients) {
  float value = 0;
  for (const float coefficient : coefficients) value = std::fma(value, x, coefficient);
  return value;
}

}  // namespace

float CephesLog(float x) {
  // ln 2 in two parts, of which the first has few bits.
  constexpr float kLn2High = 0.693359375f;
  constexpr float kLn2Low = -2.12194440e-4f;
  int exponent = 0;
  float r = std::frexp(x, &exponent);  // [0.5, 1)
  if (r < 0.707106781186547524f) {
    --exponent;
    r += r - 1;  // exact
  } else {
    r -= 1;
  }
  const auto e = static_cast<float>(exponent);
  const float square = r * r;
  const float tail = Horner(r, {7.0376836292e-2f, -1.1514610310e-1f, 1.1676998740e-1f,
                                -1.2420140846e-1f, 1.4249322787e-1f, -1.6668057665e-1f,
                                2.0000714765e-1f, -2.4999993993e-1f, 3.3333331174e-1f});
  float y = std::fma(tail * r, square, e * kLn2Low);
  y = std::fma(square, -0.5f, y);
  return std::fma(e, kLn2High, r + y);
}

SineAndCosine CephesSineAndCosine(float x) {
  constexpr float kFourOverPi = 1.27323954473516f;
  // The octant, rounded up to an even one: r is then within π/4 of a multiple of π/2. π/4 is
  // subtracted in three parts.
  const int octant = (static_cast<int>(x * kFourOverPi) + 1) & ~1;
  const auto turns = static_cast<float>(octant);
  float r = std::fma(turns, -0.78515625f, x);
  r = std::fma(turns, -2.4187564849853515625e-4f, r);
  r = std::fma(turns, -3.77489497744594108e-8f, r);

  const float square = r * r;
  const float cosine_tail =
      Horner(square, {2.443315711809948e-5f, -1.388731625493765e-3f, 4.166664568298827e-2f});
  const float cosine = std::fma(cosine_tail * square, square, square * -0.5f) + 1;
  const float sine_tail = Horner(square, {-1.9515295891e-4f, 8.3321608736e-3f, -1.6666654611e-1f});
  const float sine = std::fma(sine_tail * square, r, r);

  const bool swapped = (octant & 2) != 0;
  const bool sine_negative = (octant & 4) != 0;
  const bool cosine_negative = ((octant - 2) & 4) == 0;
  const float s = swapped ? cosine : sine;
  const float c = swapped ? sine : cosine;
  return {.sine = sine_negative ? -s : s, .cosine = cosine_negative ? -c : c};
}

}  // namespace darkroom::diffusion
