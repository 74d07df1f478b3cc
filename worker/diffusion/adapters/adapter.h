#ifndef DARKROOM_WORKER_DIFFUSION_ADAPTERS_ADAPTER_H_
#define DARKROOM_WORKER_DIFFUSION_ADAPTERS_ADAPTER_H_

#include <cstdint>
#include <memory>

#include "ATen/core/Tensor.h"
#include "worker/diffusion/ops/ops.h"

namespace darkroom::diffusion {

// How a model computes the module that an adapter changes.
struct Placement {
  at::Tensor weight;  // the module's own: [out, in] or [out, in, height, width]
  // Over [N, C, H, W], with these; otherwise a linear over [N, T, C], also where its weight is
  // stored as [out, in, 1, 1].
  bool convolution = false;
  int stride = 1;
  int padding = 0;
};

// An adapter computed beside its module, whose weight stays as it is. Immutable, usable from any
// thread.
class Branch {
 public:
  virtual ~Branch() = default;

  // residual + strength * f(x), with the change that f makes at strength 1. x is what the module
  // sees, `residual` what comes out of it, `strength` [N, 1, 1] or [N, 1, 1, 1], one for each row.
  // A row has the same bits in every batch where ops.h promises that of the operations.
  virtual at::Tensor Forward(const at::Tensor& x, const at::Tensor& strength,
                             const at::Tensor& residual) const = 0;

  // What its weights take.
  virtual std::int64_t bytes() const = 0;
};

// What a file changes of one module, at strength 1. Immutable, usable from any thread.
class Adapter {
 public:
  virtual ~Adapter() = default;

  // What is added to the module's weight `base`: float32, of its shape, on its device. Strength s
  // adds s times as much. Only DoRA depends on the values of `base`.
  virtual at::Tensor Delta(const at::Tensor& base) const = 0;

  // What is added to the module's bias: float32 [out], or undefined where the file leaves it.
  virtual at::Tensor BiasDelta() const { return {}; }

  // In the dtype and on the device of the weight. Small beside the module for LoRA and for LoKr of
  // linears; other kinds compute their delta once and then cost what the module does.
  virtual std::unique_ptr<const Branch> MakeBranch(const Placement& place, const Ops& ops) const;
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_ADAPTERS_ADAPTER_H_
