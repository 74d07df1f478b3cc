#include "worker/diffusion/ops/cuda_ops.h"

#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "ATen/CPUGeneratorImpl.h"
#include "ATen/Context.h"
#include "ATen/TensorOperators.h"
#include "ATen/ops/cat.h"
#include "ATen/ops/empty.h"
#include "ATen/ops/equal.h"
#include "ATen/ops/isfinite.h"
#include "c10/core/InferenceMode.h"
#include "gtest/gtest.h"
#include "worker/diffusion/ops/padding_mode.h"

namespace darkroom::diffusion {
namespace {

// Every kernel beside ReferenceOps in float64, of the same rounded inputs.
class CudaOpsTest : public testing::TestWithParam<at::ScalarType> {
 protected:
  CudaOpsTest() { at::globalContext().setAllowTF32CuDNN(false); }

  // Normal with this mean, in the dtype of the test.
  at::Tensor Values(at::IntArrayRef shape, double mean = 0) {
    return at::empty(shape, at::kFloat)
        .normal_(mean, 1, at::detail::createCPUGenerator(seed_++))
        .to(at::TensorOptions().device(at::kCUDA).dtype(GetParam()));
  }
  at::Tensor Pictures(at::IntArrayRef shape, double mean = 0) {
    return Values(shape, mean).contiguous(at::MemoryFormat::ChannelsLast);
  }
  GroupNormWeights Norm(std::int64_t channels, int groups) {
    return {.scale = Values({channels}, 1), .shift = Values({channels}), .groups = groups};
  }

  static GroupNormWeights InDouble(const GroupNormWeights& weights) {
    GroupNormWeights exact = weights;
    exact.scale = weights.scale.to(at::kDouble);
    exact.shift = weights.shift.to(at::kDouble);
    return exact;
  }

  // Of the largest value.
  static double Error(const at::Tensor& actual, const at::Tensor& expected) {
    EXPECT_EQ(actual.scalar_type(), GetParam());
    EXPECT_EQ(actual.sizes(), expected.sizes());
    return (actual.to(at::kDouble) - expected).abs().max().item<double>() /
           expected.abs().max().item<double>();
  }

  // What rounding the result to the dtype makes, and float32's own error beside it.
  static double Rounding() {
    return GetParam() == at::kHalf ? 6e-4 : GetParam() == at::kBFloat16 ? 5e-3 : 3e-6;
  }

  // The same of a convolution, which is cuDNN's; it may take Winograd's way.
  static double ConvolutionError() { return GetParam() == at::kFloat ? 2e-5 : 2 * Rounding(); }

  const c10::InferenceMode inference_;
  const ReferenceOps reference_;
  const CudaOps ops_{at::Device(at::kCUDA, 0)};
  std::uint64_t seed_ = 1;
};

INSTANTIATE_TEST_SUITE_P(Dtypes, CudaOpsTest, testing::Values(at::kFloat, at::kHalf, at::kBFloat16),
                         [](const auto& type) { return c10::toString(type.param); });

TEST_P(CudaOpsTest, AGroupNormIsTheReferencesAndStaysInItsMemoryFormat) {
  const std::vector<std::vector<std::int64_t>> shapes = {
      {2, 320, 64, 64}, {8, 640, 32, 32},   {2, 960, 9, 7}, {2, 1280, 16, 16}, {2, 1920, 5, 3},
      {2, 2560, 8, 8},  {1, 128, 257, 129}, {3, 512, 1, 1}, {1, 64, 128, 128}, {5, 96, 3, 50}};
  for (const auto& shape : shapes) {
    const at::Tensor x = Pictures(shape, 2);
    const GroupNormWeights weights = Norm(shape[1], 32);
    ASSERT_TRUE(CudaKernels::TakesPicture(x));
    for (const Activation activation : {Activation::kNone, Activation::kSilu}) {
      const at::Tensor y = ops_.GroupNorm(x, weights, activation);
      EXPECT_TRUE(y.is_contiguous(at::MemoryFormat::ChannelsLast));
      const at::Tensor expected =
          reference_.GroupNorm(x.to(at::kDouble), InDouble(weights), activation);
      EXPECT_LT(Error(y, expected), Rounding()) << x.sizes();
    }
  }
}

TEST_P(CudaOpsTest, WhatTheKernelsDoNotTakeIsTheReferences) {
  for (const at::Tensor& x : {Pictures({2, 6, 5, 5}), Values({2, 64, 5, 5})}) {
    const GroupNormWeights weights = Norm(x.size(1), 2);
    EXPECT_FALSE(CudaKernels::TakesPicture(x));
    EXPECT_TRUE(at::equal(ops_.GroupNorm(x, weights, Activation::kSilu),
                          reference_.GroupNorm(x, weights, Activation::kSilu)));
  }
}

TEST_P(CudaOpsTest, PartsOfAPictureAreNormalisedAsTheWhole) {
  const at::Tensor x = Pictures({1, 128, 40, 33}, 1);
  const GroupNormWeights weights = Norm(128, 32);
  const std::vector<at::Tensor> parts = {x.narrow(2, 0, 16), x.narrow(2, 16, 24)};
  GroupSums sums;
  for (const at::Tensor& part : parts) ops_.AddTo(&sums, part, 32);
  std::vector<at::Tensor> made;
  for (const at::Tensor& part : parts) {
    ASSERT_TRUE(CudaKernels::TakesPicture(part));
    made.push_back(ops_.GroupNormOfPart(part, sums, weights, Activation::kSilu));
  }
  EXPECT_LT(Error(at::cat(made, 2),
                  reference_.GroupNorm(x.to(at::kDouble), InDouble(weights), Activation::kSilu)),
            Rounding());
}

TEST_P(CudaOpsTest, WhatIsNotFiniteIsSeenBehindTheNorm) {
  at::Tensor x = Pictures({2, 64, 8, 8});
  x[1][3][5][7].fill_(std::numeric_limits<double>::infinity());
  const at::Tensor y = ops_.GroupNorm(x, Norm(64, 32), Activation::kSilu);
  EXPECT_TRUE(at::isfinite(y[0]).all().item<bool>());
  EXPECT_FALSE(at::isfinite(y[1]).all().item<bool>());
}

TEST_P(CudaOpsTest, AConvolutionHasItsBiasAndResidual) {
  struct Shape {
    int in, out, size, stride;
  };
  for (const Shape& shape : {Shape{320, 640, 16, 1}, Shape{64, 64, 33, 2}, Shape{4, 320, 20, 1},
                             Shape{128, 3, 20, 1}, Shape{64, 96, 1, 1}}) {
    const ConvolutionWeights weights{.weight = Values({shape.out, shape.in, 3, 3}),
                                     .bias = Values({shape.out}, 3),
                                     .stride = shape.stride,
                                     .padding = 1};
    ConvolutionWeights exact = weights;
    exact.weight = weights.weight.to(at::kDouble);
    exact.bias = weights.bias.to(at::kDouble);
    const auto convolution = ops_.Prepare(weights);
    const auto expected = reference_.Prepare(exact);
    const at::Tensor x = Pictures({3, shape.in, shape.size, shape.size + 1});
    const auto residual = [&](at::IntArrayRef sizes) { return Pictures(sizes, 100); };
    const at::Tensor y = expected->Forward(x.to(at::kDouble));
    const std::vector<at::Tensor> residuals = {residual(y.sizes()), residual({3, shape.out, 1, 1}),
                                               residual({1, shape.out, 1, 1})};
    EXPECT_LT(Error(convolution->Forward(x), y), ConvolutionError()) << shape.out;
    for (const at::Tensor& added : residuals) {
      EXPECT_LT(Error(convolution->Forward(x, added), y + added.to(at::kDouble)),
                ConvolutionError())
          << shape.out << " " << added.sizes();
    }
    const PaddingModeScope circular(PaddingMode::kCircular);
    EXPECT_LT(Error(convolution->Forward(x), expected->Forward(x.to(at::kDouble))),
              ConvolutionError());
  }
}

TEST_P(CudaOpsTest, AGateIsTheReferences) {
  const auto linear = [&](const at::Tensor& weight) {
    return LinearWeights{.weight = weight, .bias = {}};
  };
  for (const std::int64_t out : {2560, 96, 12}) {
    const at::Tensor weight = Values({2 * out, 8});
    const at::Tensor wide = Values({3, 77, 2 * out}) * 2;
    const at::Tensor y = ops_.PrepareGated(linear(weight))->Gate(wide);
    const auto exact = reference_.PrepareGated(linear(weight.to(at::kDouble)));
    EXPECT_LT(Error(y, exact->Gate(wide.to(at::kDouble))), Rounding()) << out;
  }
}

TEST_P(CudaOpsTest, ARowHasTheSameBitsInAnyCompany) {
  const auto gated = ops_.PrepareGated({.weight = Values({640, 8}), .bias = {}});
  for (const auto& [channels, side] : {std::pair{320, 64}, std::pair{1280, 8}, std::pair{96, 5}}) {
    const at::Tensor x = Pictures({9, channels, side, side}, 1);
    const GroupNormWeights weights = Norm(channels, 32);
    const at::Tensor all = ops_.GroupNorm(x, weights, Activation::kSilu);
    const at::Tensor wide = Values({9, 33, 640});
    const at::Tensor all_gated = gated->Gate(wide);
    for (const int row : {0, 4, 8}) {
      EXPECT_TRUE(at::equal(ops_.GroupNorm(x.narrow(0, row, 1), weights, Activation::kSilu),
                            all.narrow(0, row, 1)))
          << channels << " " << row;
      EXPECT_TRUE(at::equal(gated->Gate(wide.narrow(0, row, 1)), all_gated.narrow(0, row, 1)));
    }
  }
}

}  // namespace
}  // namespace darkroom::diffusion
