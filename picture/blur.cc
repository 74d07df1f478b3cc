#include "picture/blur.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

namespace darkroom::picture {
namespace {

// Half of OpenCV's kernel, the middle last, in 256ths that sum to 256: what rounding takes from one
// weight goes on to the next (getGaussianKernelFixedPoint_ED).
std::vector<int> HalfKernel(int deviation) {
  const int half = (5 * deviation + 1) / 2;  // ⌊2.5 deviation + 0.5⌋
  std::vector<double> weights;
  double sum = 1;  // of the middle
  for (int i = 0; i < half; ++i) {
    const double x = i - half;
    weights.push_back(std::exp(-0.5 * x * x / (static_cast<double>(deviation) * deviation)));
    sum += 2 * weights.back();
  }
  std::vector<int> fixed;
  int rest = 256;
  double error = 0;
  for (const double weight : weights) {
    const double exact = weight / sum * 256 + error;
    fixed.push_back(static_cast<int>(std::nearbyint(exact)));
    error = exact - fixed.back();
    rest -= 2 * fixed.back();
  }
  fixed.push_back(rest);
  return fixed;
}

// The pixel that a line shows at `at`, mirrored at its ends without doubling them.
int Mirrored(int at, int size) {
  if (size == 1) return 0;
  const int period = 2 * (size - 1);
  at = std::abs(at) % period;
  return std::min(at, period - at);
}

// Rows as columns. `Image` has kBytes a pixel.
template <std::size_t kBytes, typename Image>
Image Transposed(const Image& image) {
  Image result{.width = image.height, .height = image.width, .pixels = {}};
  result.pixels.resize(image.pixels.size());
  const auto stride = static_cast<std::size_t>(image.width);
  std::uint8_t* to = result.pixels.data();
  for (int x = 0; x < image.width; ++x) {
    const std::uint8_t* from = &image.pixels[kBytes * x];
    for (int y = 0; y < image.height; ++y, from += kBytes * stride, to += kBytes) {
      std::copy_n(from, kBytes, to);
    }
  }
  return result;
}

// Every column by itself; whole rows are added up, which is faster than to walk along columns.
GreyImage BlurDown(const GreyImage& mask, const std::vector<int>& half_kernel) {
  const int half = static_cast<int>(half_kernel.size()) - 1;
  const auto row = [&](int y) {
    return &mask.pixels[static_cast<std::size_t>(Mirrored(y, mask.height)) * mask.width];
  };
  GreyImage result = mask;
  std::vector<int> sums(mask.width);
  for (int y = 0; y < mask.height; ++y) {
    std::fill(sums.begin(), sums.end(), 128);
    for (int d = -half; d <= half; ++d) {
      const int weight = half_kernel[half - std::abs(d)];
      const std::uint8_t* pixels = row(y + d);
      for (int x = 0; x < mask.width; ++x) sums[x] += pixels[x] * weight;
    }
    std::uint8_t* out = &result.pixels[static_cast<std::size_t>(y) * mask.width];
    for (int x = 0; x < mask.width; ++x) out[x] = static_cast<std::uint8_t>(sums[x] >> 8);
  }
  return result;
}

// The radius of the boxes, which need not be whole, of which `passes` make a Gaussian.
float BoxRadius(float radius, int passes) {
  const float variance = radius * radius / static_cast<float>(passes);
  const auto length = static_cast<float>(std::sqrt(12.0 * variance + 1.0));
  const auto whole = static_cast<float>(std::floor((length - 1.0) / 2.0));
  float part = (2 * whole + 1) * (whole * (whole + 1) - 3 * variance);
  part /= 6 * (variance - (whole + 1) * (whole + 1));
  return whole + part;
}

// The mean of a box above and below every pixel: its whole part, and a share of the pixel beyond at
// either end. In 24 bits, as libImaging/BoxBlur.c.
RgbaImage BoxDown(const RgbaImage& image, float radius) {
  const int whole = static_cast<int>(radius);
  const auto weight = static_cast<std::uint32_t>((1 << 24) / (radius * 2 + 1));
  const std::uint32_t edge_weight =
      ((1 << 24) - (2 * static_cast<std::uint32_t>(whole) + 1) * weight) / 2;
  const std::size_t bytes = std::size_t{4} * image.width;
  const auto row = [&](int y) {
    return &image.pixels[static_cast<std::size_t>(std::clamp(y, 0, image.height - 1)) * bytes];
  };
  std::vector<std::uint32_t> sums(bytes);  // of the box around the row before the first
  for (int y = -whole - 1; y < whole; ++y) {
    for (std::size_t i = 0; i < bytes; ++i) sums[i] += row(y)[i];
  }
  RgbaImage result = image;
  for (int y = 0; y < image.height; ++y) {
    const std::uint8_t* before = row(y - whole - 1);
    const std::uint8_t* last = row(y + whole);
    const std::uint8_t* after = row(y + whole + 1);
    std::uint8_t* out = &result.pixels[y * bytes];
    for (std::size_t i = 0; i < bytes; ++i) {
      sums[i] += std::uint32_t{last[i]} - before[i];
      const std::uint32_t ends = std::uint32_t{before[i]} + after[i];
      const std::uint32_t mean = sums[i] * weight + ends * edge_weight + (1 << 23);
      out[i] = static_cast<std::uint8_t>(mean >> 24);
    }
  }
  return result;
}

}  // namespace

GreyImage BlurMask(const GreyImage& mask, int deviation) {
  if (deviation == 0) return mask;
  const std::vector<int> kernel = HalfKernel(deviation);
  const GreyImage across = Transposed<1>(BlurDown(Transposed<1>(mask), kernel));
  return BlurDown(across, kernel);
}

RgbaImage BoxBlurred(RgbaImage image, float radius) {
  constexpr int kPasses = 3;
  if (radius == 0) return image;
  const float box = BoxRadius(radius, kPasses);
  image = Transposed<4>(image);
  for (int pass = 0; pass < kPasses; ++pass) image = BoxDown(image, box);
  image = Transposed<4>(image);
  for (int pass = 0; pass < kPasses; ++pass) image = BoxDown(image, box);
  return image;
}

}  // namespace darkroom::picture
