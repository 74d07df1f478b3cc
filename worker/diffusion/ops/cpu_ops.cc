#include "worker/diffusion/ops/cpu_ops.h"

#include <cstdint>
#include <utility>

#include "ATen/Parallel.h"
#include "ATen/ops/addmm.h"
#include "ATen/ops/constant_pad_nd.h"
#include "ATen/ops/empty.h"
#include "ATen/ops/gelu.h"
#include "ATen/ops/mm.h"
#include "ATen/ops/mul.h"
#include "c10/core/InferenceMode.h"
#include "worker/diffusion/ops/cpu_group_norm.h"

namespace darkroom::diffusion {
namespace {

// Tokens that are worked on at a time: up to 256, of equal parts of a row where it has such.
std::int64_t TokensAtOnce(std::int64_t tokens) {
  constexpr std::int64_t kLeast = 64;
  for (std::int64_t part = 256; part >= kLeast; --part) {
    if (tokens % part == 0) return part;
  }
  return tokens;
}

// Calls work(part of x, part of the result) for all parts of x [N, T, C], side by side; the result
// is [N, T, out].
//
// Which kernel and blocking a matrix library takes depends on how many tokens it is given and on
// its threads, and which elements of a tensor an activation works on one by one, at the ends of
// vectors, on how it is cut for the threads: with both, the last bits. So rows are cut into parts
// by nothing but their own size, and each part is worked on by one thread.
template <typename Work>
at::Tensor ForEachPart(const at::Tensor& x, std::int64_t out, const Work& work) {
  const at::Tensor parts = x.reshape({-1, TokensAtOnce(x.size(1)), x.size(2)});
  const at::Tensor y = at::empty({parts.size(0), parts.size(1), out}, x.options());
  at::parallel_for(0, parts.size(0), 1, [&](std::int64_t begin, std::int64_t end) {
    const c10::InferenceMode inference;  // is a thread's own
    for (std::int64_t i = begin; i < end; ++i) work(parts.select(0, i), y.select(0, i));
  });
  return y.view({x.size(0), x.size(1), out});
}

// x [tokens, in] to y [tokens, out].
void Multiply(const at::Tensor& x, const LinearWeights& weights, at::Tensor y) {
  if (weights.bias.defined()) {
    at::addmm_out(y, weights.bias, x, weights.weight.t());
  } else {
    at::mm_out(y, x, weights.weight.t());
  }
}

class CpuLinear : public Linear {
 public:
  CpuLinear(LinearWeights weights, std::unique_ptr<const Linear> reference)
      : weights_(std::move(weights)), reference_(std::move(reference)) {}

  at::Tensor Forward(const at::Tensor& x, const at::Tensor& residual) const override {
    if (x.dim() != 3) return reference_->Forward(x, residual);
    at::Tensor y = ForEachPart(x, weights_.weight.size(0),
                               [this](const at::Tensor& tokens, const at::Tensor& result) {
                                 Multiply(tokens, weights_, result);
                               });
    return residual.defined() ? y.add_(residual) : y;
  }

 private:
  LinearWeights weights_;
  std::unique_ptr<const Linear> reference_;
};

// A convolution with one pixel's window: a linear over the pixels. ATen takes another library for
// it from 16 pictures on, where it has one thread.
class CpuPointwiseConvolution : public Convolution {
 public:
  explicit CpuPointwiseConvolution(std::unique_ptr<const Linear> linear)
      : linear_(std::move(linear)) {}

  at::Tensor Forward(const at::Tensor& x, const at::Tensor& residual) const override {
    const std::int64_t height = x.size(2), width = x.size(3);
    const at::Tensor pixels = x.permute({0, 2, 3, 1});  // [N, H, W, in]
    at::Tensor y = linear_->Forward(pixels.reshape({x.size(0), height * width, x.size(1)}),
                                    {});  // [N, H * W, out]
    y = y.view({x.size(0), height, width, y.size(2)}).permute({0, 3, 1, 2});
    return residual.defined() ? y.add_(residual) : y;
  }

 private:
  std::unique_ptr<const Linear> linear_;
};

// both [tokens, 2 * out] to result [tokens, out].
void GatePart(const at::Tensor& both, at::Tensor result) {
  const std::int64_t out = result.size(1);
  at::gelu_out(result, both.narrow(1, out, out));
  result.mul_(both.narrow(1, 0, out));
}

class CpuGatedLinear : public GatedLinear {
 public:
  explicit CpuGatedLinear(LinearWeights weights) : weights_(std::move(weights)) {}

  at::Tensor Forward(const at::Tensor& x) const override {
    const std::int64_t wide = weights_.weight.size(0);
    return ForEachPart(x, wide / 2, [&](const at::Tensor& tokens, const at::Tensor& result) {
      const at::Tensor both = at::empty({tokens.size(0), wide}, tokens.options());
      Multiply(tokens, weights_, both);
      GatePart(both, result);
    });
  }

  at::Tensor Widen(const at::Tensor& x) const override {
    return ForEachPart(x, weights_.weight.size(0),
                       [&](const at::Tensor& tokens, const at::Tensor& result) {
                         Multiply(tokens, weights_, result);
                       });
  }

  at::Tensor Gate(const at::Tensor& wide) const override {
    return ForEachPart(wide, wide.size(2) / 2, GatePart);
  }

 private:
  LinearWeights weights_;
};

}  // namespace

std::unique_ptr<const Convolution> CpuOps::Prepare(ConvolutionWeights weights) const {
  const bool pointwise = weights.weight.size(2) == 1 && weights.weight.size(3) == 1;
  if (!pointwise || weights.stride != 1 || weights.padding != 0) {
    return ReferenceOps::Prepare(std::move(weights));
  }
  return std::make_unique<CpuPointwiseConvolution>(
      Prepare(LinearWeights{.weight = weights.weight.flatten(1), .bias = weights.bias}));
}

std::unique_ptr<const Linear> CpuOps::Prepare(LinearWeights weights) const {
  std::unique_ptr<const Linear> reference = ReferenceOps::Prepare(weights);
  return std::make_unique<CpuLinear>(std::move(weights), std::move(reference));
}

std::unique_ptr<const GatedLinear> CpuOps::PrepareGated(LinearWeights weights) const {
  return std::make_unique<CpuGatedLinear>(std::move(weights));
}

at::Tensor CpuOps::GroupNorm(const at::Tensor& x, const GroupNormWeights& weights,
                             Activation activation) const {
  if (!CpuGroupNormTakes(x)) return ReferenceOps::GroupNorm(x, weights, activation);
  GroupSums sums;
  AddToCpuGroupSums(&sums, x, weights.groups);
  return CpuGroupNorm(x, sums, weights, activation);
}

void CpuOps::AddTo(GroupSums* sums, const at::Tensor& x, int groups) const {
  if (!CpuGroupNormTakes(x)) return ReferenceOps::AddTo(sums, x, groups);
  AddToCpuGroupSums(sums, x, groups);
}

at::Tensor CpuOps::GroupNormOfPart(const at::Tensor& x, const GroupSums& sums,
                                   const GroupNormWeights& weights, Activation activation) const {
  if (!CpuGroupNormTakes(x)) return ReferenceOps::GroupNormOfPart(x, sums, weights, activation);
  return CpuGroupNorm(x, sums, weights, activation);
}

at::Tensor CpuOps::Attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                             int heads, bool causal) const {
  // With query counts that are multiples of this, the kernel's scratch memory of every thread is
  // aligned alike, and so a row has the same bits on each.
  constexpr std::int64_t kAlignment = 16;
  const std::int64_t tokens = q.size(1);
  if (causal || tokens % kAlignment == 0) return ReferenceOps::Attention(q, k, v, heads, causal);
  const std::int64_t padding = kAlignment - tokens % kAlignment;
  const at::Tensor padded = at::constant_pad_nd(q, {0, 0, 0, padding});
  return ReferenceOps::Attention(padded, k, v, heads, causal).narrow(1, 0, tokens);
}

}  // namespace darkroom::diffusion
