#include "worker/diffusion/ops/cpu_ops.h"

#include <cmath>
#include <cstdint>

#include "ATen/Parallel.h"
#include "ATen/TensorOperators.h"
#include "ATen/ops/arange.h"
#include "ATen/ops/cat.h"
#include "ATen/ops/equal.h"
#include "ATen/ops/sin.h"
#include "c10/core/InferenceMode.h"
#include "gtest/gtest.h"
#include "worker/diffusion/ops/tensor_memory.h"

namespace darkroom::diffusion {
namespace {

at::Tensor Waves(at::IntArrayRef shape, double phase) {
  std::int64_t count = 1;
  for (const std::int64_t side : shape) count *= side;
  return at::sin(at::arange(count, at::kFloat) * 1.7 + phase).view(shape);
}

at::Tensor Pictures(at::IntArrayRef shape) {
  return Waves(shape, 0.5).contiguous(at::MemoryFormat::ChannelsLast);
}

GroupNormWeights Norm(std::int64_t channels, int groups) {
  return {.scale = Waves({channels}, 1), .shift = Waves({channels}, 2), .groups = groups};
}

double WorstDifference(const at::Tensor& a, const at::Tensor& b) {
  return (a - b).abs().max().item<double>();
}

// On how many threads people run it, and more than a small tensor has work for.
class CpuOpsTest : public testing::TestWithParam<int> {
 protected:
  CpuOpsTest() { at::set_num_threads(GetParam()); }
  ~CpuOpsTest() override { at::set_num_threads(before_); }

  const int before_ = at::get_num_threads();
  const c10::InferenceMode inference_;
  const ReferenceOps reference_;
  const CpuOps ops_;
};

INSTANTIATE_TEST_SUITE_P(Threads, CpuOpsTest, testing::Values(1, 2, 5, 16));

TEST_P(CpuOpsTest, AGroupNormIsTheReferencesForAnyGroupAndSize) {
  for (const auto& [channels, groups] : {std::pair{64, 16}, std::pair{12, 3}, std::pair{8, 8}}) {
    for (const int width : {3, 7, 64, 129}) {
      const at::Tensor x = Pictures({3, channels, 2, width});
      for (const Activation activation : {Activation::kNone, Activation::kSilu}) {
        const at::Tensor y = ops_.GroupNorm(x, Norm(channels, groups), activation);
        EXPECT_TRUE(y.is_contiguous(at::MemoryFormat::ChannelsLast));
        EXPECT_LT(WorstDifference(y, reference_.GroupNorm(x, Norm(channels, groups), activation)),
                  1e-5)
            << channels << " channels, width " << width;
      }
    }
  }
}

TEST_P(CpuOpsTest, AMeanFarFromZeroCostsLittlePrecision) {
  const at::Tensor x = Pictures({2, 16, 16, 16}) + 30;
  const at::Tensor exact = reference_.GroupNorm(x.to(at::kDouble),
                                                {.scale = Waves({16}, 1).to(at::kDouble),
                                                 .shift = Waves({16}, 2).to(at::kDouble),
                                                 .groups = 4},
                                                Activation::kNone);
  const at::Tensor y = ops_.GroupNorm(x, Norm(16, 4), Activation::kNone);
  EXPECT_LT(WorstDifference(y.to(at::kDouble), exact), 2e-3);
}

TEST_P(CpuOpsTest, OtherLayoutsAreLeftToTheReference) {
  const at::Tensor rows_first = Waves({2, 8, 3, 5}, 0);
  EXPECT_TRUE(at::equal(ops_.GroupNorm(rows_first, Norm(8, 2), Activation::kSilu),
                        reference_.GroupNorm(rows_first, Norm(8, 2), Activation::kSilu)));
}

TEST_P(CpuOpsTest, LinearsAndAttentionAreTheReferences) {
  const LinearWeights weights{.weight = Waves({96, 32}, 1) * 0.2, .bias = Waves({96}, 2)};
  const LinearWeights bare{.weight = weights.weight, .bias = {}};
  for (const int tokens : {1, 77, 154, 384}) {
    const at::Tensor x = Waves({3, tokens, 32}, 0);
    const at::Tensor residual = Waves({3, tokens, 96}, 3);
    EXPECT_LT(WorstDifference(ops_.Prepare(weights)->Forward(x, residual),
                              reference_.Prepare(weights)->Forward(x, residual)),
              1e-5);
    EXPECT_LT(WorstDifference(ops_.Prepare(bare)->Forward(x), reference_.Prepare(bare)->Forward(x)),
              1e-5);
    EXPECT_LT(WorstDifference(ops_.PrepareGated(weights)->Forward(x),
                              reference_.PrepareGated(weights)->Forward(x)),
              1e-5);
    EXPECT_LT(
        WorstDifference(ops_.Attention(x, x, x, 4, false), reference_.Attention(x, x, x, 4, false)),
        1e-5);
  }
}

TEST_P(CpuOpsTest, APointwiseConvolutionIsTheReferences) {
  const ConvolutionWeights weights{.weight = Waves({48, 32, 1, 1}, 1) * 0.2,
                                   .bias = Waves({48}, 2)};
  const at::Tensor residual = Waves({48}, 4).view({1, 48, 1, 1});
  for (const at::Tensor& x : {Pictures({3, 32, 5, 7}), Pictures({20, 32, 1, 1}),
                              Waves({2, 32, 16, 24}, 0), Pictures({1, 32, 64, 65})}) {
    const at::Tensor y = ops_.Prepare(weights)->Forward(x, residual);
    EXPECT_TRUE(y.is_contiguous(at::MemoryFormat::ChannelsLast));
    EXPECT_LT(WorstDifference(y, reference_.Prepare(weights)->Forward(x, residual)), 1e-5)
        << x.sizes();
  }
}

// The first and the eighth of twenty rows against the same two by themselves.
template <typename Compute>
void ExpectRowsKeepTheirBits(const char* name, const at::Tensor& twenty, const Compute& compute) {
  const at::Tensor all = compute(twenty);
  const at::Tensor pair = compute(at::cat({twenty.narrow(0, 0, 1), twenty.narrow(0, 7, 1)}));
  EXPECT_TRUE(at::equal(pair[1], all[7])) << name << " of " << twenty.sizes();
  EXPECT_TRUE(at::equal(pair[0], all[0])) << name << " of " << twenty.sizes();
}

TEST_P(CpuOpsTest, ARowOfTokensHasTheSameBitsInAnyCompany) {
  for (const int channels : {32, 320}) {
    const auto linear =
        ops_.Prepare(LinearWeights{.weight = Waves({48, channels}, 1), .bias = Waves({48}, 2)});
    const auto gated =
        ops_.PrepareGated(LinearWeights{.weight = Waves({2 * channels, channels}, 1), .bias = {}});
    for (const int tokens : {1, 2, 3, 4, 15, 16, 35, 77, 154, 256}) {
      const at::Tensor x = Waves({20, tokens, channels}, 0);
      ExpectRowsKeepTheirBits("linear", x, [&](const at::Tensor& t) { return linear->Forward(t); });
      ExpectRowsKeepTheirBits("gated", x, [&](const at::Tensor& t) { return gated->Forward(t); });
      EXPECT_TRUE(at::equal(gated->Gate(gated->Widen(x)), gated->Forward(x)));
      ExpectRowsKeepTheirBits(
          "attention", x, [&](const at::Tensor& t) { return ops_.Attention(t, t, t, 4, false); });
    }
  }
}

TEST_P(CpuOpsTest, APictureHasTheSameBitsInAnyCompany) {
  const auto convolution = ops_.Prepare(
      ConvolutionWeights{.weight = Waves({48, 32, 3, 3}, 1), .bias = Waves({48}, 2), .padding = 1});
  const auto pointwise =
      ops_.Prepare(ConvolutionWeights{.weight = Waves({48, 32, 1, 1}, 1), .bias = Waves({48}, 2)});
  for (const int width : {1, 2, 5, 8, 13, 77, 129}) {
    const at::Tensor x = Pictures({20, 32, 3, width});
    ExpectRowsKeepTheirBits("convolution", x,
                            [&](const at::Tensor& t) { return convolution->Forward(t); });
    ExpectRowsKeepTheirBits("pointwise convolution", x,
                            [&](const at::Tensor& t) { return pointwise->Forward(t); });
    ExpectRowsKeepTheirBits("group norm", x, [&](const at::Tensor& t) {
      return ops_.GroupNorm(t, Norm(32, 4), Activation::kSilu);
    });
  }
}

TEST_P(CpuOpsTest, APictureInPartsIsNormalisedAsTheWhole) {
  for (const Ops* ops : {static_cast<const Ops*>(&ops_), static_cast<const Ops*>(&reference_)}) {
    const at::Tensor x = Pictures({2, 12, 9, 65});
    GroupSums sums;
    for (const at::Tensor& part : {x.narrow(2, 0, 4), x.narrow(2, 4, 5)}) {
      ops->AddTo(&sums, part.contiguous(at::MemoryFormat::ChannelsLast), 3);
    }
    for (const Activation activation : {Activation::kNone, Activation::kSilu}) {
      const at::Tensor whole = ops->GroupNorm(x, Norm(12, 3), activation);
      const at::Tensor part =
          ops->GroupNormOfPart(x.narrow(2, 4, 5), sums, Norm(12, 3), activation);
      EXPECT_LT(WorstDifference(part, whole.narrow(2, 4, 5)), 1e-5);
    }
  }
}

// As the VAE's attention at 512 x 1024: all scores would be 256 MiB.
TEST_P(CpuOpsTest, AttentionNeverHoldsAllScores) {
  const at::Tensor x = Waves({1, 8192, 64}, 0);
  const TensorMemory memory;
  ops_.Attention(x, x, x, 1, false);
  EXPECT_LT(memory.peak(), 64 << 20);
}

}  // namespace
}  // namespace darkroom::diffusion
