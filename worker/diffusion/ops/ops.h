#ifndef DARKROOM_WORKER_DIFFUSION_OPS_OPS_H_
#define DARKROOM_WORKER_DIFFUSION_OPS_OPS_H_

#include <cstdint>
#include <memory>

#include "ATen/core/Tensor.h"
#include "absl/types/span.h"

namespace darkroom::diffusion {

// The few fused operations that the models are written in. ReferenceOps is plain ATen and defines
// what each means; faster versions are chosen at load and tested against it. Model code never
// changes for speed. Pictures are [N, C, H, W] in channels_last memory, tokens [N, T, C].
// Everything is immutable and usable from any thread.
//
// A row is an index of the first of three or four dimensions. On the CPU (CpuOps) every operation
// gives a row the same bits whichever rows, two or more in all, it is computed with, and at any
// place among them. [rows, C] without a token dimension has no such promise.

enum class Activation { kNone, kSilu };

struct ConvolutionWeights {
  at::Tensor weight;  // [out, in, k, k]
  at::Tensor bias;    // [out]
  int stride = 1;
  int padding = 0;  // on every side, of what PaddingModeScope says
};

struct LinearWeights {
  at::Tensor weight;  // [out, in]
  at::Tensor bias;    // [out], or undefined for none
};

// Both norms: (x - mean) / sqrt(variance + epsilon) * scale + shift.
struct GroupNormWeights {
  at::Tensor scale;  // [C]
  at::Tensor shift;  // [C]
  int groups = 1;
  double epsilon = 1e-5;
};

// What a group norm has to know of a whole picture, gathered part by part.
struct GroupSums {
  at::Tensor sum;          // [N, groups] float64, of the values of each group; at first undefined
  at::Tensor squares;      // the same, of their squares
  std::int64_t count = 0;  // of values in a group
};

struct LayerNormWeights {
  at::Tensor scale;  // [C]
  at::Tensor shift;  // [C]
  double epsilon = 1e-5;
};

// Operations that own their weights, in whatever layout runs fastest.
class Convolution {
 public:
  virtual ~Convolution() = default;
  // convolution(x) + bias, plus `residual` where that is defined: [N, out, H', W'], or
  // [N or 1, out, 1, 1] for every pixel.
  virtual at::Tensor Forward(const at::Tensor& x, const at::Tensor& residual = {}) const = 0;
};

class Linear {
 public:
  virtual ~Linear() = default;
  // x [..., in] times the transposed weight, plus bias, plus `residual` [..., out] where defined.
  virtual at::Tensor Forward(const at::Tensor& x, const at::Tensor& residual = {}) const = 0;
};

class GatedLinear {
 public:
  virtual ~GatedLinear() = default;
  // GEGLU (Shazeer 2020, "GLU Variants Improve Transformer"): of the 2 * out values of a linear,
  // the first half times the (erf) GELU of the second. [..., in] to [..., out].
  virtual at::Tensor Forward(const at::Tensor& x) const = 0;

  // Its two parts, for what changes something in between: Gate(Widen(x)) is Forward(x), on the CPU
  // bit for bit. [..., in] to [..., 2 * out] to [..., out].
  virtual at::Tensor Widen(const at::Tensor& x) const = 0;
  virtual at::Tensor Gate(const at::Tensor& wide) const = 0;
};

class Ops {
 public:
  virtual ~Ops() = default;

  virtual std::unique_ptr<const Convolution> Prepare(ConvolutionWeights weights) const = 0;
  virtual std::unique_ptr<const Linear> Prepare(LinearWeights weights) const = 0;
  // `weights` are of the linear in front of the gate: [2 * out, in].
  virtual std::unique_ptr<const GatedLinear> PrepareGated(LinearWeights weights) const = 0;

  virtual at::Tensor GroupNorm(const at::Tensor& x, const GroupNormWeights& weights,
                               Activation activation) const = 0;
  // The same of a picture that is not held whole: the parts x [N, C, h, W] of it, which together
  // have every pixel once, are added to sums that begin empty; then any part can be normalised. On
  // the CPU the sums of a picture differ by rounding alone with how it was parted.
  virtual void AddTo(GroupSums* sums, const at::Tensor& x, int groups) const = 0;
  virtual at::Tensor GroupNormOfPart(const at::Tensor& x, const GroupSums& sums,
                                     const GroupNormWeights& weights,
                                     Activation activation) const = 0;
  virtual at::Tensor LayerNorm(const at::Tensor& x, const LayerNormWeights& weights) const = 0;

  // softmax(q k^T / sqrt(C / heads)) v for each head. q [N, T, C], k and v [N, S, C]; [N, T, C].
  // `causal`: token t sees tokens 0 to t only, and T = S. The scores of all queries are never held
  // at once (Dao et al. 2022, "FlashAttention"): memory grows with T + S, not with their product.
  virtual at::Tensor Attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                               int heads, bool causal) const = 0;
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_OPS_OPS_H_
