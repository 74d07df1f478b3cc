#include "worker/diffusion/sampling/image_noise.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

namespace darkroom::diffusion {
namespace {

using Values = std::vector<float>;

std::size_t Count(const LatentShape& shape) {
  return static_cast<std::size_t>(shape.channels) * shape.height * shape.width;
}

Values FirstDraw(NoiseSource source, std::uint64_t seed, const LatentShape& shape) {
  Values values(Count(shape));
  MakeNoiseGenerator(source, seed)->Draw(absl::MakeSpan(values));
  return values;
}

// Calls visit(first) with the index of the top element of every column of every channel.
template <typename Visit>
void ForEachColumn(const LatentShape& shape, const Visit& visit) {
  for (int c = 0; c < shape.channels; ++c) {
    for (int x = 0; x < shape.width; ++x) {
      visit((static_cast<std::size_t>(c) * shape.height) * shape.width + x);
    }
  }
}

// The cosine of the angle between two columns.
double CosineOfColumns(const Values& a, const Values& b, const LatentShape& shape,
                       std::size_t first) {
  double product = 0;
  double a_squares = 0;
  double b_squares = 0;
  for (int y = 0; y < shape.height; ++y) {
    const std::size_t i = first + static_cast<std::size_t>(y) * shape.width;
    product += static_cast<double>(a[i]) * b[i];
    a_squares += static_cast<double>(a[i]) * a[i];
    b_squares += static_cast<double>(b[i]) * b[i];
  }
  return std::clamp(product / std::sqrt(a_squares * b_squares), -1.0, 1.0);
}

void BlendColumn(double low_share, double high_share, const Values& high, const LatentShape& shape,
                 std::size_t first, Values& low) {
  for (int y = 0; y < shape.height; ++y) {
    const std::size_t i = first + static_cast<std::size_t>(y) * shape.width;
    low[i] = static_cast<float>(low_share * low[i] + high_share * high[i]);
  }
}

// Spherical interpolation (Shoemake 1985) from `low` to `high`, into `low`.
void Slerp(double strength, const Values& high, const LatentShape& shape, Values& low) {
  constexpr double kAlmostParallel = 0.9995;
  std::vector<double> cosines;
  double sum = 0;
  ForEachColumn(shape, [&](std::size_t first) {
    cosines.push_back(CosineOfColumns(low, high, shape, first));
    sum += cosines.back();
  });
  if (sum / static_cast<double>(cosines.size()) > kAlmostParallel) {
    // The reference has its operands the other way round here.
    ForEachColumn(shape, [&](std::size_t first) {
      BlendColumn(strength, 1 - strength, high, shape, first, low);
    });
    return;
  }
  std::size_t column = 0;
  ForEachColumn(shape, [&](std::size_t first) {
    const double angle = std::acos(cosines[column++]);
    const double sine = std::sin(angle);
    // Parallel columns, where the reference divides by zero: latents of one row.
    if (sine == 0) return;
    BlendColumn(std::sin((1 - strength) * angle) / sine, std::sin(strength * angle) / sine, high,
                shape, first, low);
  });
}

// Where the middle of a line of `from` elements lies in one of `to` elements.
struct Overlap {
  int source = 0;
  int target = 0;
  int size = 0;
};

Overlap Centre(int from, int to) {
  // Rounded down as the reference's integer division is, also below zero.
  const int offset = static_cast<int>(std::floor((to - from) / 2.0));
  if (offset >= 0) return {.source = 0, .target = offset, .size = from};
  return {.source = -offset, .target = 0, .size = from + 2 * offset};
}

void PasteIntoMiddle(const Values& source, const LatentShape& from, const LatentShape& to,
                     Values& target) {
  const Overlap x = Centre(from.width, to.width);
  const Overlap y = Centre(from.height, to.height);
  for (int c = 0; c < to.channels; ++c) {
    for (int row = 0; row < y.size; ++row) {
      const auto source_row = static_cast<std::size_t>(c) * from.height + y.source + row;
      const auto target_row = static_cast<std::size_t>(c) * to.height + y.target + row;
      std::copy_n(source.begin() + static_cast<std::ptrdiff_t>(source_row * from.width) + x.source,
                  x.size,
                  target.begin() + static_cast<std::ptrdiff_t>(target_row * to.width) + x.target);
    }
  }
}

class ImageNoise : public NoiseGenerator {
 public:
  ImageNoise(Values first, std::unique_ptr<NoiseGenerator> rest)
      : first_(std::move(first)), rest_(std::move(rest)) {}

  void Draw(absl::Span<float> values) override {
    if (std::exchange(drawn_, true)) return rest_->Draw(values);
    std::copy_n(first_.begin(), std::min(values.size(), first_.size()), values.begin());
    first_ = Values();
  }

 private:
  Values first_;
  const std::unique_ptr<NoiseGenerator> rest_;
  bool drawn_ = false;
};

}  // namespace

std::unique_ptr<NoiseGenerator> MakeImageNoise(const SeedOptions& options, int image,
                                               const LatentShape& shape) {
  const ImageSeeds seeds = SeedsOfImage(options.seed, options.variation, image);
  std::unique_ptr<NoiseGenerator> generator = MakeNoiseGenerator(options.source, seeds.seed);
  Values first(Count(shape));
  generator->Draw(absl::MakeSpan(first));

  LatentShape drawn = shape;
  if (options.resize_from_height > 0 && options.resize_from_width > 0) {
    drawn.height = options.resize_from_height;
    drawn.width = options.resize_from_width;
  }
  const bool resized = drawn.height != shape.height || drawn.width != shape.width;
  Values noise = resized ? FirstDraw(options.source, seeds.seed, drawn) : first;
  if (options.variation.strength != 0) {
    const Values variation = FirstDraw(options.source, seeds.variation_seed, drawn);
    Slerp(options.variation.strength, variation, drawn, noise);
  }
  if (resized) {
    PasteIntoMiddle(noise, drawn, shape, first);
  } else {
    first = std::move(noise);
  }
  if (options.eta_seed_delta != 0) {
    generator = MakeNoiseGenerator(options.source,
                                   seeds.seed + static_cast<std::uint64_t>(options.eta_seed_delta));
  }
  return std::make_unique<ImageNoise>(std::move(first), std::move(generator));
}

}  // namespace darkroom::diffusion
