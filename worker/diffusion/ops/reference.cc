#include "worker/diffusion/ops/reference.h"

#include <cstdint>
#include <optional>
#include <utility>

#include "ATen/TensorOperators.h"
#include "ATen/ops/conv2d.h"
#include "ATen/ops/empty.h"
#include "ATen/ops/gelu.h"
#include "ATen/ops/group_norm.h"
#include "ATen/ops/layer_norm.h"
#include "ATen/ops/linear.h"
#include "ATen/ops/scaled_dot_product_attention.h"
#include "ATen/ops/silu.h"
#include "ATen/ops/sum.h"
#include "worker/diffusion/ops/padding_mode.h"

namespace darkroom::diffusion {
namespace {

std::optional<at::Tensor> IfDefined(const at::Tensor& tensor) {
  return tensor.defined() ? std::optional(tensor) : std::nullopt;
}

// x [N, C, H, W] with `padding` more on every side, at most H and W: what is at the opposite one.
// One copy, as at::pad with "circular" makes several and none in channels_last memory.
at::Tensor Wrapped(const at::Tensor& x, std::int64_t padding) {
  const std::int64_t height = x.size(2);
  const std::int64_t width = x.size(3);
  at::Tensor y = at::empty({x.size(0), x.size(1), height + 2 * padding, width + 2 * padding},
                           x.options().memory_format(at::MemoryFormat::ChannelsLast));
  const auto copy = [padding](const at::Tensor& whole, int dimension, std::int64_t size) {
    whole.narrow(dimension, 0, padding).copy_(whole.narrow(dimension, size, padding));
    whole.narrow(dimension, size + padding, padding)
        .copy_(whole.narrow(dimension, padding, padding));
  };
  const at::Tensor rows = y.narrow(2, padding, height);
  rows.narrow(3, padding, width).copy_(x);
  copy(rows, 3, width);
  copy(y, 2, height);  // with the corners
  return y;
}

class ReferenceConvolution : public Convolution {
 public:
  explicit ReferenceConvolution(ConvolutionWeights weights) : weights_(std::move(weights)) {
    weights_.weight = weights_.weight.contiguous(at::MemoryFormat::ChannelsLast);
  }

  at::Tensor Forward(const at::Tensor& x, const at::Tensor& residual) const override {
    const bool wraps =
        weights_.padding > 0 && PaddingModeScope::current() == PaddingMode::kCircular;
    at::Tensor y =
        at::conv2d(wraps ? Wrapped(x, weights_.padding) : x, weights_.weight,
                   IfDefined(weights_.bias), weights_.stride, wraps ? 0 : weights_.padding);
    return residual.defined() ? y.add_(residual) : y;
  }

 private:
  ConvolutionWeights weights_;
};

class ReferenceLinear : public Linear {
 public:
  explicit ReferenceLinear(LinearWeights weights) : weights_(std::move(weights)) {}

  at::Tensor Forward(const at::Tensor& x, const at::Tensor& residual) const override {
    at::Tensor y = at::linear(x, weights_.weight, IfDefined(weights_.bias));
    return residual.defined() ? y.add_(residual) : y;
  }

 private:
  LinearWeights weights_;
};

class ReferenceGatedLinear : public GatedLinear {
 public:
  explicit ReferenceGatedLinear(LinearWeights weights) : weights_(std::move(weights)) {}

  at::Tensor Forward(const at::Tensor& x) const override { return Gate(Widen(x)); }

  at::Tensor Widen(const at::Tensor& x) const override {
    return at::linear(x, weights_.weight, IfDefined(weights_.bias));
  }

  at::Tensor Gate(const at::Tensor& wide) const override {
    const auto halves = wide.chunk(2, -1);
    return at::gelu(halves[1]).mul_(halves[0]);
  }

 private:
  LinearWeights weights_;
};

// [N, T, C] to [N, heads, T, C / heads], a view.
at::Tensor SplitHeads(const at::Tensor& x, int heads) {
  return x.view({x.size(0), x.size(1), heads, x.size(2) / heads}).transpose(1, 2);
}

}  // namespace

std::unique_ptr<const Convolution> ReferenceOps::Prepare(ConvolutionWeights weights) const {
  return std::make_unique<ReferenceConvolution>(std::move(weights));
}

std::unique_ptr<const Linear> ReferenceOps::Prepare(LinearWeights weights) const {
  return std::make_unique<ReferenceLinear>(std::move(weights));
}

std::unique_ptr<const GatedLinear> ReferenceOps::PrepareGated(LinearWeights weights) const {
  return std::make_unique<ReferenceGatedLinear>(std::move(weights));
}

at::Tensor ReferenceOps::GroupNorm(const at::Tensor& x, const GroupNormWeights& weights,
                                   Activation activation) const {
  at::Tensor y = at::group_norm(x, weights.groups, weights.scale, weights.shift, weights.epsilon);
  return activation == Activation::kSilu ? at::silu_(y) : y;
}

void ReferenceOps::AddTo(GroupSums* sums, const at::Tensor& x, int groups) const {
  // [N, C, h, W] to [N, groups, C / groups, h, W], a view
  const at::Tensor grouped = x.unflatten(1, {groups, x.size(1) / groups});
  const at::Tensor values = grouped.to(at::kFloat);
  const at::Tensor sum = at::sum(values, {2, 3, 4}, /*keepdim=*/false, at::kDouble);
  const at::Tensor squares = at::sum(values.square(), {2, 3, 4}, /*keepdim=*/false, at::kDouble);
  sums->sum = sums->sum.defined() ? sums->sum + sum : sum;
  sums->squares = sums->squares.defined() ? sums->squares + squares : squares;
  sums->count += x.size(1) / groups * x.size(2) * x.size(3);
}

at::Tensor ReferenceOps::GroupNormOfPart(const at::Tensor& x, const GroupSums& sums,
                                         const GroupNormWeights& weights,
                                         Activation activation) const {
  const auto count = static_cast<double>(sums.count);
  const at::Tensor mean = sums.sum / count;
  const at::Tensor variance = (sums.squares / count - mean * mean).clamp_min(0);
  const std::int64_t size = x.size(1) / weights.groups;
  // [N, groups] to [N, C, 1, 1]
  const auto spread = [size](const at::Tensor& of_groups) {
    return of_groups.repeat_interleave(size, 1).unsqueeze(-1).unsqueeze(-1);
  };
  const at::Tensor factor =
      spread((variance + weights.epsilon).rsqrt()) * weights.scale.view({1, -1, 1, 1});
  const at::Tensor offset = weights.shift.view({1, -1, 1, 1}) - spread(mean) * factor;
  at::Tensor y = (x * factor.to(at::kFloat)).add_(offset.to(at::kFloat)).to(x.scalar_type());
  return activation == Activation::kSilu ? at::silu_(y) : y;
}

at::Tensor ReferenceOps::LayerNorm(const at::Tensor& x, const LayerNormWeights& weights) const {
  return at::layer_norm(x, weights.scale.sizes(), weights.scale, weights.shift, weights.epsilon);
}

at::Tensor ReferenceOps::Attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                                   int heads, bool causal) const {
  const at::Tensor mixed = at::scaled_dot_product_attention(
      SplitHeads(q, heads), SplitHeads(k, heads), SplitHeads(v, heads), /*attn_mask=*/{},
      /*dropout_p=*/0.0, causal);
  // [N, heads, T, C / heads] to [N, T, C]
  return mixed.transpose(1, 2).reshape(q.sizes());
}

}  // namespace darkroom::diffusion
