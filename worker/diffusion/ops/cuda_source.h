#ifndef DARKROOM_WORKER_DIFFUSION_OPS_CUDA_SOURCE_H_
#define DARKROOM_WORKER_DIFFUSION_OPS_CUDA_SOURCE_H_

namespace darkroom::diffusion {

// CUDA C++ of what ATen has no good kernel for. It includes nothing, so that no CUDA toolkit need
// be installed where it is compiled. cuda_kernels.h says what the kernels are for.
extern const char kCudaSource[];

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_OPS_CUDA_SOURCE_H_
