#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "ATen/CPUGeneratorImpl.h"
#include "ATen/TensorOperators.h"
#include "ATen/ops/cat.h"
#include "ATen/ops/empty.h"
#include "ATen/ops/equal.h"
#include "ATen/ops/full.h"
#include "ATen/ops/zeros.h"
#include "c10/core/InferenceMode.h"
#include "gtest/gtest.h"
#include "worker/diffusion/adapters/kinds.h"
#include "worker/diffusion/ops/cpu_ops.h"

namespace darkroom::diffusion {
namespace {

// Branches beside a linear 12 -> 16 or a convolution 12 -> 16, 3 x 3, of weights that are random.
class BranchTest : public testing::Test {
 protected:
  at::Tensor Random(at::IntArrayRef shape) {
    return at::empty(shape, at::kFloat).normal_(0, 1, generator_);
  }

  std::unique_ptr<const Adapter> Make(const std::string& kind, const WeightShape& shape) {
    const std::int64_t kernel = shape.height * shape.width;
    ModuleTensors tensors;
    const auto add = [&](const char* field, at::IntArrayRef sizes) {
      EXPECT_TRUE(tensors.Add(field, field, Random(sizes)).ok());
    };
    if (kind == "lora") {
      add("lora_down", {3, shape.in * kernel});
      add("lora_up", {shape.out, 3});
      return MakeLowRank(&tensors, shape).value();
    }
    if (kind == "lokr") {
      add("lokr_w1", {4, 3});
      add("lokr_w2", {shape.out / 4, shape.in / 3 * kernel});
      return MakeKronecker(&tensors, shape).value();
    }
    add("diff", {shape.out, shape.in * kernel});
    add("diff_b", {shape.out});
    return MakeBiased(&tensors, shape, MakeFullDifference(&tensors, shape).value()).value();
  }

  Placement LinearPlace() { return {.weight = at::zeros({16, 12})}; }
  Placement ConvolutionPlace() {
    return {.weight = at::zeros({16, 12, 3, 3}), .convolution = true, .padding = 1};
  }

  // Every row, of another strength each, among the others and in a pair: the same bits.
  void ExpectRowsAreTheirOwn(const Branch& branch, at::IntArrayRef x_row, at::IntArrayRef y_row,
                             at::IntArrayRef strength_row) {
    std::vector<at::Tensor> xs, ys, strengths;
    for (int i = 0; i < 8; ++i) {
      xs.push_back(Random(x_row));
      ys.push_back(Random(y_row));
      strengths.push_back(at::full(strength_row, 0.1 * i - 0.3, at::kFloat));
    }
    const at::Tensor all = branch.Forward(at::cat(xs), at::cat(strengths), at::cat(ys));
    for (std::size_t i = 0; i < 8; ++i) {
      const std::size_t other = (i + 5) % 8;
      const at::Tensor pair =
          branch.Forward(at::cat({xs[other], xs[i]}), at::cat({strengths[other], strengths[i]}),
                         at::cat({ys[other], ys[i]}));
      EXPECT_TRUE(at::equal(pair[1], all[static_cast<std::int64_t>(i)])) << i;
    }
  }

  const c10::InferenceMode inference_;
  const CpuOps ops_;
  at::Generator generator_ = at::detail::createCPUGenerator(7);
};

TEST_F(BranchTest, ARowOfTokensHasTheSameBitsInEveryBatch) {
  for (const char* kind : {"lora", "lokr", "full"}) {
    SCOPED_TRACE(kind);
    const auto branch = Make(kind, {.out = 16, .in = 12})->MakeBranch(LinearPlace(), ops_);
    ExpectRowsAreTheirOwn(*branch, {1, 77, 12}, {1, 77, 16}, {1, 1, 1});
  }
}

TEST_F(BranchTest, ARowOfPixelsHasTheSameBitsInEveryBatch) {
  for (const char* kind : {"lora", "lokr", "full"}) {
    SCOPED_TRACE(kind);
    const WeightShape shape{.out = 16, .in = 12, .height = 3, .width = 3};
    const auto branch = Make(kind, shape)->MakeBranch(ConvolutionPlace(), ops_);
    ExpectRowsAreTheirOwn(*branch, {1, 12, 9, 7}, {1, 16, 9, 7}, {1, 1, 1, 1});
  }
}

TEST_F(BranchTest, StrengthZeroLeavesWhatCameOutOfTheModule) {
  for (const char* kind : {"lora", "lokr", "full"}) {
    const auto branch = Make(kind, {.out = 16, .in = 12})->MakeBranch(LinearPlace(), ops_);
    const at::Tensor y = Random({2, 5, 16});
    EXPECT_TRUE(at::equal(branch->Forward(Random({2, 5, 12}), at::zeros({2, 1, 1}), y), y)) << kind;
  }
}

// Norms that the changed weight has already leave it alone; twice the norms double it.
TEST_F(BranchTest, DoraScalesTheChangedWeightAndStrengthsTheDifference) {
  const at::Tensor weight = Random({16, 12});
  ModuleTensors tensors;
  ASSERT_TRUE(tensors.Add("diff", "diff", at::zeros({16, 12})).ok());
  const at::Tensor norms = weight.norm(2, {1}, /*keepdim=*/true);
  ASSERT_TRUE(tensors.Add("dora_scale", "dora_scale", norms * 2).ok());
  const WeightShape shape{.out = 16, .in = 12};
  const auto dora = MakeDora(&tensors, shape, MakeFullDifference(&tensors, shape).value()).value();
  EXPECT_LE((dora->Delta(weight) - weight).abs().max().item<double>(), 1e-6);
  const at::Tensor x = Random({2, 5, 12});
  const at::Tensor half = dora->MakeBranch({.weight = weight}, ops_)
                              ->Forward(x, at::full({2, 1, 1}, 0.5), at::zeros({2, 5, 16}));
  EXPECT_LE((half - x.matmul(weight.t()) * 0.5).abs().max().item<double>(), 1e-5);
}

}  // namespace
}  // namespace darkroom::diffusion
