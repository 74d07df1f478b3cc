#include "worker/diffusion/ops/make_ops.h"

#include "worker/diffusion/ops/cpu_ops.h"
#include "worker/diffusion/ops/reference.h"
#ifdef DARKROOM_CUDA
#include "worker/diffusion/ops/cuda_ops.h"
#endif

namespace darkroom::diffusion {

std::unique_ptr<const Ops> MakeOps(c10::Device device) {
  if (device.is_cpu()) return std::make_unique<CpuOps>();
#ifdef DARKROOM_CUDA
  if (device.is_cuda()) return std::make_unique<CudaOps>(device);
#endif
  return std::make_unique<ReferenceOps>();
}

}  // namespace darkroom::diffusion
