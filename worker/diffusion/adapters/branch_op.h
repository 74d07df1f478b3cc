#ifndef DARKROOM_WORKER_DIFFUSION_ADAPTERS_BRANCH_OP_H_
#define DARKROOM_WORKER_DIFFUSION_ADAPTERS_BRANCH_OP_H_

#include <cstdint>
#include <memory>

#include "ATen/core/Tensor.h"
#include "worker/diffusion/adapters/adapter.h"
#include "worker/diffusion/ops/ops.h"

namespace darkroom::diffusion {

// A linear over tokens or a convolution over pixels, as the module has it that a branch is beside;
// without bias.
class BranchOp {
 public:
  // Like the module: its stride and padding, its kernel size. `weight`: float32 [out, in, height,
  // width]; converted to the dtype and device of the module's.
  static BranchOp Like(const Placement& place, const at::Tensor& weight, const Ops& ops);
  // Of each token or pixel alone. `weight`: float32 [out, in] or [out, in, 1, 1].
  static BranchOp Pointwise(const Placement& place, const at::Tensor& weight, const Ops& ops);

  // operation(x), plus `residual` where that is defined.
  at::Tensor Forward(const at::Tensor& x, const at::Tensor& residual = {}) const {
    return linear_ != nullptr ? linear_->Forward(x, residual) : convolution_->Forward(x, residual);
  }

  // What its weights take.
  std::int64_t bytes() const { return bytes_; }

 private:
  BranchOp() = default;

  std::int64_t bytes_ = 0;
  std::unique_ptr<const Linear> linear_;  // one of the two
  std::unique_ptr<const Convolution> convolution_;
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_ADAPTERS_BRANCH_OP_H_
