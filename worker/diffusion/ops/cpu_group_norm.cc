#include "worker/diffusion/ops/cpu_group_norm.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "ATen/Parallel.h"
#include "ATen/ops/empty_like.h"
#include "ATen/ops/silu.h"
#include "ATen/ops/zeros.h"
#include "c10/core/InferenceMode.h"

namespace darkroom::diffusion {
namespace {

// Pixels whose sums are taken in float32, and the unit of work.
constexpr std::int64_t kBlock = 64;

// A picture of [pixels, channels] each row.
struct Pictures {
  const float* values = nullptr;
  std::int64_t rows = 0;
  std::int64_t pixels = 0;
  std::int64_t channels = 0;

  std::int64_t blocks() const { return (pixels + kBlock - 1) / kBlock; }
  // Of block `b` of a row: its place among all pixels of all rows, and its size.
  std::int64_t begin(std::int64_t row, std::int64_t b) const { return row * pixels + b * kBlock; }
  std::int64_t size(std::int64_t b) const { return std::min(kBlock, pixels - b * kBlock); }
};

// Calls work(row, block) for every block of every row, side by side. What ATen is asked for in
// there runs on that thread alone.
template <typename Work>
void ForEachBlock(const Pictures& x, const Work& work) {
  at::parallel_for(0, x.rows * x.blocks(), 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) work(i / x.blocks(), i % x.blocks());
  });
}

// Of every block, the sum of each channel and of its squares: [rows, blocks, 2, channels].
std::vector<float> BlockSums(const Pictures& x) {
  std::vector<float> sums(static_cast<std::size_t>(x.rows * x.blocks() * 2 * x.channels));
  ForEachBlock(x, [&](std::int64_t row, std::int64_t block) {
    float* sum = sums.data() + (row * x.blocks() + block) * 2 * x.channels;
    float* square = sum + x.channels;
    const float* pixel = x.values + x.begin(row, block) * x.channels;
    for (std::int64_t p = 0; p < x.size(block); ++p, pixel += x.channels) {
      for (std::int64_t c = 0; c < x.channels; ++c) {
        sum[c] += pixel[c];
        square[c] += pixel[c] * pixel[c];
      }
    }
  });
  return sums;
}

// y = x * factor + offset, for each channel of each row.
struct Affine {
  std::vector<float> factor;
  std::vector<float> offset;
};

Affine AffineOf(const Pictures& x, const GroupSums& sums, const GroupNormWeights& weights) {
  const auto* sum = sums.sum.const_data_ptr<double>();
  const auto* squares = sums.squares.const_data_ptr<double>();
  const auto* scale = weights.scale.const_data_ptr<float>();
  const auto* shift = weights.shift.const_data_ptr<float>();
  const std::int64_t size = x.channels / weights.groups;
  const auto count = static_cast<double>(sums.count);
  Affine affine{std::vector<float>(static_cast<std::size_t>(x.rows * x.channels)),
                std::vector<float>(static_cast<std::size_t>(x.rows * x.channels))};
  for (std::int64_t group = 0; group < x.rows * weights.groups; ++group) {
    const std::int64_t row = group / weights.groups;
    const std::int64_t first = group % weights.groups * size;
    const double mean = sum[group] / count;
    const double variance = std::max(squares[group] / count - mean * mean, 0.0);
    const double inverse = 1 / std::sqrt(variance + weights.epsilon);
    for (std::int64_t c = first; c < first + size; ++c) {
      const double factor = scale[c] * inverse;
      const auto place = static_cast<std::size_t>(row * x.channels + c);
      affine.factor[place] = static_cast<float>(factor);
      affine.offset[place] = static_cast<float>(shift[c] - mean * factor);
    }
  }
  return affine;
}

Pictures PicturesOf(const at::Tensor& x) {
  return {.values = x.const_data_ptr<float>(),
          .rows = x.size(0),
          .pixels = x.size(2) * x.size(3),
          .channels = x.size(1)};
}

}  // namespace

bool CpuGroupNormTakes(const at::Tensor& x) {
  return x.scalar_type() == at::kFloat && x.is_contiguous(at::MemoryFormat::ChannelsLast);
}

void AddToCpuGroupSums(GroupSums* sums, const at::Tensor& x, int groups) {
  const Pictures pictures = PicturesOf(x);
  const std::int64_t size = pictures.channels / groups;
  if (!sums->sum.defined()) {
    sums->sum = at::zeros({pictures.rows, groups}, at::kDouble);
    sums->squares = at::zeros({pictures.rows, groups}, at::kDouble);
  }
  sums->count += size * pictures.pixels;
  const std::vector<float> blocks = BlockSums(pictures);
  auto* sum = sums->sum.mutable_data_ptr<double>();
  auto* squares = sums->squares.mutable_data_ptr<double>();
  for (std::int64_t group = 0; group < pictures.rows * groups; ++group) {
    const std::int64_t row = group / groups;
    const std::int64_t first = group % groups * size;
    for (std::int64_t block = 0; block < pictures.blocks(); ++block) {
      const float* part = blocks.data() + (row * pictures.blocks() + block) * 2 * pictures.channels;
      for (std::int64_t c = first; c < first + size; ++c) {
        sum[group] += part[c];
        squares[group] += part[pictures.channels + c];
      }
    }
  }
}

at::Tensor CpuGroupNorm(const at::Tensor& x, const GroupSums& sums, const GroupNormWeights& weights,
                        Activation activation) {
  const Pictures pictures = PicturesOf(x);
  const Affine affine = AffineOf(pictures, sums, weights);
  at::Tensor y = at::empty_like(x, x.options(), at::MemoryFormat::ChannelsLast);
  const at::Tensor all = y.permute({0, 2, 3, 1}).view({-1, pictures.channels});
  ForEachBlock(pictures, [&](std::int64_t row, std::int64_t block) {
    const c10::InferenceMode inference;  // is a thread's own
    at::Tensor part = all.narrow(0, pictures.begin(row, block), pictures.size(block));
    const float* factor = affine.factor.data() + row * pictures.channels;
    const float* offset = affine.offset.data() + row * pictures.channels;
    const float* in = pictures.values + pictures.begin(row, block) * pictures.channels;
    auto* out = part.mutable_data_ptr<float>();
    for (std::int64_t p = 0; p < pictures.size(block); ++p) {
      for (std::int64_t c = 0; c < pictures.channels; ++c) *out++ = *in++ * factor[c] + offset[c];
    }
    if (activation == Activation::kSilu) at::silu_(part);
  });
  return y;
}

}  // namespace darkroom::diffusion
