#include "worker/diffusion/ops/cpu_ops.h"

#include <cmath>
#include <cstdint>

#include "ATen/Parallel.h"
#include "ATen/TensorOperators.h"
#include "ATen/ops/arange.h"
#include "ATen/ops/equal.h"
#include "ATen/ops/sin.h"
#include "c10/core/InferenceMode.h"
#include "gtest/gtest.h"

namespace darkroom::diffusion {
namespace {

at::Tensor Values(at::IntArrayRef shape, double phase) {
  std::int64_t count = 1;
  for (const std::int64_t side : shape) count *= side;
  return at::sin(at::arange(count, at::kFloat) * 1.7 + phase).view(shape);
}

at::Tensor Pictures(at::IntArrayRef shape) {
  return Values(shape, 0.5).contiguous(at::MemoryFormat::ChannelsLast);
}

GroupNormWeights Norm(std::int64_t channels, int groups) {
  return {.scale = Values({channels}, 1), .shift = Values({channels}, 2), .groups = groups};
}

double WorstDifference(const at::Tensor& a, const at::Tensor& b) {
  return (a - b).abs().max().item<double>();
}

class CpuOpsTest : public testing::Test {
 protected:
  const c10::InferenceMode inference_;
  const ReferenceOps reference_;
  const CpuOps ops_;
};

TEST_F(CpuOpsTest, AGroupNormIsTheReferencesForAnyGroupAndSize) {
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

TEST_F(CpuOpsTest, AMeanFarFromZeroCostsLittlePrecision) {
  const at::Tensor x = Pictures({2, 16, 16, 16}) + 30;
  const at::Tensor exact = reference_.GroupNorm(x.to(at::kDouble),
                                                {.scale = Values({16}, 1).to(at::kDouble),
                                                 .shift = Values({16}, 2).to(at::kDouble),
                                                 .groups = 4},
                                                Activation::kNone);
  const at::Tensor y = ops_.GroupNorm(x, Norm(16, 4), Activation::kNone);
  EXPECT_LT(WorstDifference(y.to(at::kDouble), exact), 2e-3);
}

TEST_F(CpuOpsTest, OtherLayoutsAndTypesAreLeftToTheReference) {
  const at::Tensor rows_first = Values({2, 8, 3, 5}, 0);
  EXPECT_TRUE(at::equal(ops_.GroupNorm(rows_first, Norm(8, 2), Activation::kSilu),
                        reference_.GroupNorm(rows_first, Norm(8, 2), Activation::kSilu)));
}

TEST_F(CpuOpsTest, ARowHasTheSameBitsInAnyCompanyAndOnAnyNumberOfThreads) {
  const int threads = at::get_num_threads();
  const at::Tensor x = Pictures({8, 32, 5, 31});
  const at::Tensor all = ops_.GroupNorm(x, Norm(32, 8), Activation::kSilu);
  at::set_num_threads(1);
  const at::Tensor alone = ops_.GroupNorm(x.narrow(0, 7, 1), Norm(32, 8), Activation::kSilu);
  at::set_num_threads(threads);
  EXPECT_TRUE(at::equal(alone[0], all[7]));
}

}  // namespace
}  // namespace darkroom::diffusion
