#include "worker/diffusion/ops/reference.h"

#include <optional>
#include <utility>

#include "ATen/Parallel.h"
#include "ATen/ops/baddbmm.h"
#include "ATen/ops/bmm.h"
#include "ATen/ops/constant_pad_nd.h"
#include "ATen/ops/conv2d.h"
#include "ATen/ops/empty.h"
#include "ATen/ops/gelu.h"
#include "ATen/ops/group_norm.h"
#include "ATen/ops/layer_norm.h"
#include "ATen/ops/linear.h"
#include "ATen/ops/scaled_dot_product_attention.h"
#include "ATen/ops/silu.h"
#include "c10/core/InferenceMode.h"

namespace darkroom::diffusion {
namespace {

std::optional<at::Tensor> IfDefined(const at::Tensor& tensor) {
  return tensor.defined() ? std::optional(tensor) : std::nullopt;
}

// With query counts that are multiples of this, the CPU kernel's scratch memory of every thread is
// aligned alike, and so a row has the same bits on each.
constexpr std::int64_t kQueryAlignment = 16;

// Tokens that the CPU multiplies at a time: up to 256, of equal parts of a row where it has such.
std::int64_t TokensAtOnce(std::int64_t tokens) {
  constexpr std::int64_t kLeast = 64;
  for (std::int64_t part = 256; part >= kLeast; --part) {
    if (tokens % part == 0) return part;
  }
  return tokens;
}

// A product for each part, [parts, tokens, in] to [parts, tokens, out].
void Multiply(const at::Tensor& x, const LinearWeights& weights, at::Tensor y) {
  const at::Tensor each =
      weights.weight.t().expand({x.size(0), weights.weight.size(1), weights.weight.size(0)});
  if (weights.bias.defined()) {
    at::baddbmm_out(y, weights.bias.expand(y.sizes()), x, each);
  } else {
    at::bmm_out(y, x, each);
  }
}

// Which kernel and blocking a matrix library takes depends on how many tokens it is given in all
// and on its threads, and with it the last bits. So on the CPU rows are cut into parts by nothing
// but their own size, and each part is multiplied by one thread.
at::Tensor ApplyLinear(const at::Tensor& x, const LinearWeights& weights) {
  if (!x.is_cpu() || x.dim() != 3 || x.size(0) == 1) {
    return at::linear(x, weights.weight, IfDefined(weights.bias));
  }
  const at::Tensor parts = x.reshape({-1, TokensAtOnce(x.size(1)), x.size(2)});
  const at::Tensor y =
      at::empty({parts.size(0), parts.size(1), weights.weight.size(0)}, x.options());
  at::parallel_for(0, parts.size(0), 1, [&](std::int64_t begin, std::int64_t end) {
    const c10::InferenceMode inference;  // is a thread's own
    Multiply(parts.narrow(0, begin, end - begin), weights, y.narrow(0, begin, end - begin));
  });
  return y.view({x.size(0), x.size(1), weights.weight.size(0)});
}

class ReferenceConvolution : public Convolution {
 public:
  explicit ReferenceConvolution(ConvolutionWeights weights) : weights_(std::move(weights)) {
    weights_.weight = weights_.weight.contiguous(at::MemoryFormat::ChannelsLast);
  }

  at::Tensor Forward(const at::Tensor& x, const at::Tensor& residual) const override {
    at::Tensor y =
        at::conv2d(x, weights_.weight, IfDefined(weights_.bias), weights_.stride, weights_.padding);
    return residual.defined() ? y.add_(residual) : y;
  }

 private:
  ConvolutionWeights weights_;
};

class ReferenceLinear : public Linear {
 public:
  explicit ReferenceLinear(LinearWeights weights) : weights_(std::move(weights)) {}

  at::Tensor Forward(const at::Tensor& x, const at::Tensor& residual) const override {
    at::Tensor y = ApplyLinear(x, weights_);
    return residual.defined() ? y.add_(residual) : y;
  }

 private:
  LinearWeights weights_;
};

class ReferenceGatedLinear : public GatedLinear {
 public:
  explicit ReferenceGatedLinear(LinearWeights weights) : weights_(std::move(weights)) {}

  at::Tensor Forward(const at::Tensor& x) const override {
    const auto halves = ApplyLinear(x, weights_).chunk(2, -1);
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

at::Tensor ReferenceOps::LayerNorm(const at::Tensor& x, const LayerNormWeights& weights) const {
  return at::layer_norm(x, weights.scale.sizes(), weights.scale, weights.shift, weights.epsilon);
}

at::Tensor ReferenceOps::Attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                                   int heads, bool causal) const {
  const std::int64_t tokens = q.size(1);
  const bool pad = q.is_cpu() && !causal && tokens % kQueryAlignment != 0;
  const std::int64_t padding = pad ? kQueryAlignment - tokens % kQueryAlignment : 0;
  const at::Tensor queries = pad ? at::constant_pad_nd(q, {0, 0, 0, padding}) : q;
  const at::Tensor mixed = at::scaled_dot_product_attention(
      SplitHeads(queries, heads), SplitHeads(k, heads), SplitHeads(v, heads), /*attn_mask=*/{},
      /*dropout_p=*/0.0, causal);
  // [N, heads, T + padding, C / heads] to [N, T, C]
  return mixed.transpose(1, 2).narrow(1, 0, tokens).reshape(q.sizes());
}

}  // namespace darkroom::diffusion
