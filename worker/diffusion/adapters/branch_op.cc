#include "worker/diffusion/adapters/branch_op.h"

namespace darkroom::diffusion {

BranchOp BranchOp::Like(const Placement& place, const at::Tensor& weight, const Ops& ops) {
  if (!place.convolution) return Pointwise(place, weight, ops);
  const at::Tensor kernel = weight.to(place.weight.options());
  BranchOp op;
  op.bytes_ = static_cast<std::int64_t>(kernel.nbytes());
  op.convolution_ = ops.Prepare(ConvolutionWeights{
      .weight = kernel, .bias = {}, .stride = place.stride, .padding = place.padding});
  return op;
}

BranchOp BranchOp::Pointwise(const Placement& place, const at::Tensor& weight, const Ops& ops) {
  const at::Tensor matrix = weight.flatten(1).to(place.weight.options());  // [out, in]
  BranchOp op;
  op.bytes_ = static_cast<std::int64_t>(matrix.nbytes());
  if (place.convolution) {
    op.convolution_ =
        ops.Prepare(ConvolutionWeights{.weight = matrix.unsqueeze(-1).unsqueeze(-1), .bias = {}});
  } else {
    op.linear_ = ops.Prepare(LinearWeights{.weight = matrix, .bias = {}});
  }
  return op;
}

}  // namespace darkroom::diffusion
