#ifndef DARKROOM_WORKER_DIFFUSION_OPS_CUDA_KERNELS_H_
#define DARKROOM_WORKER_DIFFUSION_OPS_CUDA_KERNELS_H_

#include <array>

#include "ATen/core/Tensor.h"
#include "worker/diffusion/ops/cuda_program.h"
#include "worker/diffusion/ops/ops.h"

namespace darkroom::diffusion {

// What goes through a GPU's memory as seldom as it can: group norm (three times, in three launches;
// ATen's leaves channels_last memory, and every convolution behind it converts back), the gate of a
// GEGLU (once), and bias and residual of a convolution (once). In float32, float16 and bfloat16;
// calculated in float32. A row's bits depend on that row alone. Usable from any thread.
class CudaKernels {
 public:
  // Of the device, which is a GPU. They are compiled, in about two seconds, when a process first
  // asks for those of an architecture, and kept. Throws c10::Error where they cannot be.
  static const CudaKernels& Of(at::Device device);

  // Whether x is a picture [N, C, H, W] that the kernels take: in channels_last memory, its pixels
  // a multiple of 16 bytes and of 4096 channels at most.
  static bool TakesPicture(const at::Tensor& x);

  // Ops::AddTo, of a picture that is taken.
  void AddTo(GroupSums* sums, const at::Tensor& x, int groups) const;

  // Ops::GroupNormOfPart, likewise; the weights have x's dtype.
  at::Tensor Normalize(const at::Tensor& x, const GroupSums& sums, const GroupNormWeights& weights,
                       Activation activation) const;

  // Whether AddBias takes this residual of y [N, C, H, W], which is taken: a picture like it, or
  // [N or 1, C, 1, 1].
  static bool TakesResidual(const at::Tensor& residual, const at::Tensor& y);

  // Adds `bias` [C] and, where it is defined, `residual` to the picture.
  void AddBias(const at::Tensor& bias, const at::Tensor& residual, at::Tensor* y) const;

  // Whether x [..., 2 * out] is what Gate takes: contiguous, half of it a multiple of 16 bytes.
  static bool TakesWide(const at::Tensor& x);

  // GatedLinear::Gate.
  at::Tensor Gate(const at::Tensor& wide) const;

 private:
  // The kernels for elements of one type.
  struct Typed {
    Typed(const CudaProgram& program, const std::string& type);

    CudaKernel partial_sums, normalize, normalize_silu, add_bias, add_bias_and_residual, gate;
  };

  explicit CudaKernels(at::Device device);

  const Typed& For(const at::Tensor& x) const;

  const CudaProgram program_;
  const CudaKernel add_partial_sums_;
  const std::array<Typed, 3> typed_;
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_OPS_CUDA_KERNELS_H_
