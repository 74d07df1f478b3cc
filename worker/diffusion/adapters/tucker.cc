#include "worker/diffusion/adapters/tucker.h"

#include "ATen/ops/matmul.h"

namespace darkroom::diffusion {

at::Tensor TuckerKernel(const at::Tensor& core, const at::Tensor& out, const at::Tensor& in) {
  // [H, W, O, p] x [p, q] x [q, I]
  const at::Tensor mixed = at::matmul(at::matmul(out, core.permute({2, 3, 0, 1})), in);
  return mixed.permute({2, 3, 0, 1}).contiguous();
}

}  // namespace darkroom::diffusion
