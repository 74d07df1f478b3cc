#ifndef DARKROOM_WORKER_DIFFUSION_OPS_CUDA_OPS_H_
#define DARKROOM_WORKER_DIFFUSION_OPS_CUDA_OPS_H_

#include <memory>

#include "worker/diffusion/ops/cuda_kernels.h"
#include "worker/diffusion/ops/reference.h"

namespace darkroom::diffusion {

// What a GPU does in a better way than plain ATen: group norms stay in channels_last memory, and
// what is done to each element is done in one pass (CudaKernels).
class CudaOps final : public ReferenceOps {
 public:
  // Throws c10::Error where the kernels cannot be compiled for the device.
  explicit CudaOps(at::Device device) : kernels_(CudaKernels::Of(device)) {}

  using ReferenceOps::Prepare;
  std::unique_ptr<const Convolution> Prepare(ConvolutionWeights weights) const override;
  std::unique_ptr<const GatedLinear> PrepareGated(LinearWeights weights) const override;
  at::Tensor GroupNorm(const at::Tensor& x, const GroupNormWeights& weights,
                       Activation activation) const override;
  void AddTo(GroupSums* sums, const at::Tensor& x, int groups) const override;
  at::Tensor GroupNormOfPart(const at::Tensor& x, const GroupSums& sums,
                             const GroupNormWeights& weights, Activation activation) const override;

 private:
  const CudaKernels& kernels_;
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_OPS_CUDA_OPS_H_
