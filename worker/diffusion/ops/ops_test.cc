#include "worker/diffusion/ops/ops.h"

#include <cmath>
#include <cstdint>

#include "ATen/ops/empty.h"
#include "c10/core/InferenceMode.h"
#include "gtest/gtest.h"
#include "worker/diffusion/ops/padding_mode.h"
#include "worker/diffusion/ops/reference.h"

namespace darkroom::diffusion {
namespace {

// Each operation against its definition, element by element in double precision.

// Distinct values of both signs, in a spread of sizes.
at::Tensor Values(at::IntArrayRef shape, double phase) {
  at::Tensor tensor = at::empty(shape, at::kFloat);
  float* values = tensor.mutable_data_ptr<float>();
  for (std::int64_t i = 0; i < tensor.numel(); ++i) {
    values[i] = static_cast<float>(std::sin(1.7 * static_cast<double>(i) + phase) +
                                   0.1 * std::cos(0.3 * static_cast<double>(i)));
  }
  return tensor;
}

double At(const at::Tensor& tensor, std::initializer_list<std::int64_t> place) {
  at::Tensor element = tensor;
  for (const std::int64_t i : place) element = element[i];
  return element.item<double>();
}

class OpsTest : public testing::Test {
 protected:
  const c10::InferenceMode inference_;
  const ReferenceOps ops_;
};

TEST_F(OpsTest, AConvolutionAddsItsBiasAndTheResidual) {
  const at::Tensor x = Values({2, 3, 5, 4}, 0).contiguous(at::MemoryFormat::ChannelsLast);
  const ConvolutionWeights weights{
      .weight = Values({2, 3, 3, 3}, 1), .bias = Values({2}, 2), .stride = 2, .padding = 1};
  const at::Tensor residual = Values({2, 2, 3, 2}, 3);
  const at::Tensor y = ops_.Prepare(weights)->Forward(x, residual);
  const at::Tensor plain = ops_.Prepare(weights)->Forward(x);
  ASSERT_EQ(y.sizes(), residual.sizes());
  for (int n = 0; n < 2; ++n) {
    for (int out = 0; out < 2; ++out) {
      for (int row = 0; row < 3; ++row) {
        for (int column = 0; column < 2; ++column) {
          double sum = At(weights.bias, {out});
          for (int tap = 0; tap < 27; ++tap) {
            const int in = tap / 9, dy = tap / 3 % 3, dx = tap % 3;
            const int v = 2 * row + dy - 1, u = 2 * column + dx - 1;
            if (v < 0 || v >= 5 || u < 0 || u >= 4) continue;
            sum += At(x, {n, in, v, u}) * At(weights.weight, {out, in, dy, dx});
          }
          EXPECT_NEAR(At(plain, {n, out, row, column}), sum, 1e-5);
          EXPECT_NEAR(At(y, {n, out, row, column}), sum + At(residual, {n, out, row, column}),
                      1e-5);
        }
      }
    }
  }
}

TEST_F(OpsTest, ACircularConvolutionSeesTheOppositeEdges) {
  constexpr int kHeight = 6, kWidth = 5;
  const at::Tensor x = Values({2, 3, kHeight, kWidth}, 0);
  for (const int kernel : {1, 3, 5}) {
    for (const int stride : {1, 2}) {
      const int padding = kernel / 2;
      const ConvolutionWeights weights{.weight = Values({2, 3, kernel, kernel}, 1),
                                       .bias = {},
                                       .stride = stride,
                                       .padding = padding};
      const PaddingModeScope circular(PaddingMode::kCircular);
      const at::Tensor y = ops_.Prepare(weights)->Forward(x);
      ASSERT_EQ(y.size(2), (kHeight - 1) / stride + 1);
      for (int row = 0; row < y.size(2); ++row) {
        for (int column = 0; column < y.size(3); ++column) {
          double sum = 0;
          for (int tap = 0; tap < 3 * kernel * kernel; ++tap) {
            const int in = tap / (kernel * kernel);
            const int dy = tap / kernel % kernel, dx = tap % kernel;
            const int v = (stride * row + dy - padding + kHeight) % kHeight;
            const int u = (stride * column + dx - padding + kWidth) % kWidth;
            sum += At(x, {1, in, v, u}) * At(weights.weight, {1, in, dy, dx});
          }
          EXPECT_NEAR(At(y, {1, 1, row, column}), sum, 1e-5) << kernel << " " << stride;
        }
      }
    }
  }
}

TEST_F(OpsTest, PaddingModesNestAndEndWithTheirScope) {
  EXPECT_EQ(PaddingModeScope::current(), PaddingMode::kZeros);
  {
    const PaddingModeScope circular(PaddingMode::kCircular);
    {
      const PaddingModeScope zeros(PaddingMode::kZeros);
      EXPECT_EQ(PaddingModeScope::current(), PaddingMode::kZeros);
    }
    EXPECT_EQ(PaddingModeScope::current(), PaddingMode::kCircular);
  }
  EXPECT_EQ(PaddingModeScope::current(), PaddingMode::kZeros);
}

TEST_F(OpsTest, ALinearWorksWithAndWithoutBias) {
  const at::Tensor x = Values({2, 3, 4}, 0);
  const LinearWeights weights{.weight = Values({5, 4}, 1), .bias = Values({5}, 2)};
  const at::Tensor residual = Values({2, 3, 5}, 3);
  const at::Tensor y = ops_.Prepare(weights)->Forward(x, residual);
  const at::Tensor bare =
      ops_.Prepare(LinearWeights{.weight = weights.weight, .bias = {}})->Forward(x);
  for (int out = 0; out < 5; ++out) {
    double sum = 0;
    for (int in = 0; in < 4; ++in) sum += At(x, {1, 2, in}) * At(weights.weight, {out, in});
    EXPECT_NEAR(At(bare, {1, 2, out}), sum, 1e-6);
    EXPECT_NEAR(At(y, {1, 2, out}), sum + At(weights.bias, {out}) + At(residual, {1, 2, out}),
                1e-6);
  }
}

TEST_F(OpsTest, AGatedLinearMultipliesByTheGeluOfItsSecondHalf) {
  const at::Tensor x = Values({1, 2, 4}, 0);
  const LinearWeights weights{.weight = Values({6, 4}, 1), .bias = Values({6}, 2)};
  const at::Tensor y = ops_.PrepareGated(weights)->Forward(x);
  ASSERT_EQ(y.sizes(), at::IntArrayRef({1, 2, 3}));
  const at::Tensor both = ops_.Prepare(weights)->Forward(x);
  for (int out = 0; out < 3; ++out) {
    const double gate = At(both, {0, 1, 3 + out});
    const double gelu = gate * 0.5 * (1 + std::erf(gate / std::sqrt(2.0)));
    EXPECT_NEAR(At(y, {0, 1, out}), At(both, {0, 1, out}) * gelu, 1e-6);
  }
}

TEST_F(OpsTest, AGroupNormSeesOneRowAndOneGroup) {
  const at::Tensor x = Values({2, 4, 3, 2}, 0).contiguous(at::MemoryFormat::ChannelsLast);
  const GroupNormWeights weights{
      .scale = Values({4}, 1), .shift = Values({4}, 2), .groups = 2, .epsilon = 0.01};
  const at::Tensor plain = ops_.GroupNorm(x, weights, Activation::kNone);
  const at::Tensor silu = ops_.GroupNorm(x, weights, Activation::kSilu);
  EXPECT_TRUE(plain.is_contiguous(at::MemoryFormat::ChannelsLast));
  const at::Tensor group = x[1].narrow(0, 2, 2);
  const double mean = group.mean().item<double>();
  const double variance = group.sub(mean).square().mean().item<double>();
  const double expected =
      (At(x, {1, 3, 2, 1}) - mean) / std::sqrt(variance + 0.01) * At(weights.scale, {3}) +
      At(weights.shift, {3});
  EXPECT_NEAR(At(plain, {1, 3, 2, 1}), expected, 1e-5);
  EXPECT_NEAR(At(silu, {1, 3, 2, 1}), expected / (1 + std::exp(-expected)), 1e-5);
}

TEST_F(OpsTest, ALayerNormSeesOneToken) {
  const at::Tensor x = Values({2, 3, 4}, 0);
  const LayerNormWeights weights{.scale = Values({4}, 1), .shift = Values({4}, 2), .epsilon = 0.01};
  const at::Tensor y = ops_.LayerNorm(x, weights);
  const double mean = x[1][2].mean().item<double>();
  const double variance = x[1][2].sub(mean).square().mean().item<double>();
  EXPECT_NEAR(At(y, {1, 2, 3}),
              (At(x, {1, 2, 3}) - mean) / std::sqrt(variance + 0.01) * At(weights.scale, {3}) +
                  At(weights.shift, {3}),
              1e-5);
}

// The attention of token `t` of row 1, channel `c`, to the first `seen` tokens.
double Attend(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, int heads, int t,
              int c, int seen) {
  const int size = static_cast<int>(q.size(2)) / heads;
  const int first = c / size * size;
  double total = 0, sum = 0;
  for (int s = 0; s < seen; ++s) {
    double score = 0;
    for (int i = first; i < first + size; ++i) score += At(q, {1, t, i}) * At(k, {1, s, i});
    const double weight = std::exp(score / std::sqrt(size));
    total += weight;
    sum += weight * At(v, {1, s, c});
  }
  return sum / total;
}

TEST_F(OpsTest, AttentionMixesTheValuesOfItsHead) {
  const at::Tensor q = Values({2, 3, 6}, 0), k = Values({2, 4, 6}, 1), v = Values({2, 4, 6}, 2);
  const at::Tensor y = ops_.Attention(q, k, v, /*heads=*/2, /*causal=*/false);
  ASSERT_EQ(y.sizes(), q.sizes());
  for (int c = 0; c < 6; ++c) EXPECT_NEAR(At(y, {1, 2, c}), Attend(q, k, v, 2, 2, c, 4), 1e-5);
}

TEST_F(OpsTest, CausalAttentionSeesNoLaterToken) {
  const at::Tensor q = Values({2, 4, 6}, 0), k = Values({2, 4, 6}, 1), v = Values({2, 4, 6}, 2);
  const at::Tensor y = ops_.Attention(q, k, v, /*heads=*/3, /*causal=*/true);
  for (int t = 0; t < 4; ++t) EXPECT_NEAR(At(y, {1, t, 5}), Attend(q, k, v, 3, t, 5, t + 1), 1e-5);
}

}  // namespace
}  // namespace darkroom::diffusion
