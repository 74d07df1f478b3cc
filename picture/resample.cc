#include "picture/resample.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <utility>
#include <vector>

namespace darkroom::picture {
namespace {

constexpr int kPrecisionBits = 32 - 8 - 2;

double Sinc(double x) {
  if (x == 0) return 1;
  x *= std::numbers::pi;
  return std::sin(x) / x;
}

double Lanczos(double x) { return x >= -3 && x < 3 ? Sinc(x) * Sinc(x / 3) : 0; }

// Keys (1981) with a = −1/2.
double Bicubic(double x) {
  constexpr double a = -0.5;
  x = std::abs(x);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return (((x - 5) * x + 8) * x - 4) * a;
  return 0;
}

struct Kernel {
  double (*weight)(double x);
  double support;
};

Kernel KernelOf(Filter filter) {
  return filter == Filter::kLanczos ? Kernel{Lanczos, 3} : Kernel{Bicubic, 2};
}

// The neighbours of one output pixel in a line, and their weights in fixed point.
struct Neighbours {
  int first = 0;
  std::vector<int> weights;
};

std::vector<Neighbours> Weigh(int in, double from, double to, int out, const Kernel& kernel) {
  const double scale = (to - from) / out;
  const double stretch = std::max(scale, 1.0);
  const double support = kernel.support * stretch;
  std::vector<Neighbours> line;
  for (int i = 0; i < out; ++i) {
    const double centre = from + (i + 0.5) * scale;
    // Cut, not rounded, also below zero.
    const double left = centre - support + 0.5;
    const double right = centre + support + 0.5;
    const int first = std::max(static_cast<int>(left), 0);
    const int end = std::min(static_cast<int>(right), in);
    std::vector<double> weights;
    double sum = 0;
    for (int k = first; k < end; ++k) {
      weights.push_back(kernel.weight((k - centre + 0.5) * (1 / stretch)));
      sum += weights.back();
    }
    Neighbours neighbours{.first = first, .weights = {}};
    for (double weight : weights) {
      if (sum != 0) weight /= sum;
      const double fixed = weight * (1 << kPrecisionBits);
      neighbours.weights.push_back(static_cast<int>(fixed < 0 ? fixed - 0.5 : fixed + 0.5));
    }
    line.push_back(std::move(neighbours));
  }
  return line;
}

std::uint8_t ToByte(int fixed) {
  return static_cast<std::uint8_t>(std::clamp(fixed >> kPrecisionBits, 0, 255));
}

// The weighted sum of neighbours `stride` bytes apart, from `pixels` on.
std::uint8_t Sum(const Neighbours& neighbours, const std::uint8_t* pixels, std::size_t stride) {
  int sum = 1 << (kPrecisionBits - 1);
  for (const int weight : neighbours.weights) {
    sum += *pixels * weight;
    pixels += stride;
  }
  return ToByte(sum);
}

RgbImage Across(const RgbImage& image, const Box& box, int width, const Kernel& kernel) {
  const std::vector<Neighbours> line = Weigh(image.width, box.left, box.right, width, kernel);
  RgbImage result{.width = width, .height = image.height, .pixels = {}};
  result.pixels.reserve(std::size_t{3} * width * image.height);
  for (int y = 0; y < image.height; ++y) {
    const std::uint8_t* row = &image.pixels[std::size_t{3} * y * image.width];
    for (const Neighbours& neighbours : line) {
      for (int c = 0; c < 3; ++c) {
        result.pixels.push_back(Sum(neighbours, row + 3 * neighbours.first + c, 3));
      }
    }
  }
  return result;
}

RgbImage Down(const RgbImage& image, const Box& box, int height, const Kernel& kernel) {
  const std::vector<Neighbours> line = Weigh(image.height, box.top, box.bottom, height, kernel);
  const std::size_t stride = std::size_t{3} * image.width;
  RgbImage result{.width = image.width, .height = height, .pixels = {}};
  result.pixels.reserve(stride * height);
  for (const Neighbours& neighbours : line) {
    const std::uint8_t* row = &image.pixels[stride * neighbours.first];
    for (std::size_t i = 0; i < stride; ++i) {
      result.pixels.push_back(Sum(neighbours, row + i, stride));
    }
  }
  return result;
}

}  // namespace

RgbImage Resample(const RgbImage& image, const Box& box, int width, int height, Filter filter) {
  const Kernel kernel = KernelOf(filter);
  RgbImage result = image;
  if (width != image.width || box.left != 0 || box.right != width) {
    result = Across(result, box, width, kernel);
  }
  if (height != image.height || box.top != 0 || box.bottom != height) {
    result = Down(result, box, height, kernel);
  }
  return result;
}

}  // namespace darkroom::picture
