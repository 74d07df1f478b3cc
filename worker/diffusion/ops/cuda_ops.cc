#include "worker/diffusion/ops/cuda_ops.h"

#include <utility>

namespace darkroom::diffusion {
namespace {

class CudaConvolution : public Convolution {
 public:
  // `convolution`: without the bias.
  CudaConvolution(std::unique_ptr<const Convolution> convolution, at::Tensor bias,
                  const CudaKernels& kernels)
      : convolution_(std::move(convolution)), bias_(std::move(bias)), kernels_(kernels) {}

  at::Tensor Forward(const at::Tensor& x, const at::Tensor& residual) const override {
    at::Tensor y = convolution_->Forward(x);
    if (!CudaKernels::TakesPicture(y)) {
      y.add_(bias_.view({1, -1, 1, 1}));
      return residual.defined() ? y.add_(residual) : y;
    }
    const bool at_once = residual.defined() && CudaKernels::TakesResidual(residual, y);
    kernels_.AddBias(bias_, at_once ? residual : at::Tensor(), &y);
    return residual.defined() && !at_once ? y.add_(residual) : y;
  }

 private:
  std::unique_ptr<const Convolution> convolution_;
  at::Tensor bias_;
  const CudaKernels& kernels_;
};

class CudaGatedLinear : public GatedLinear {
 public:
  CudaGatedLinear(std::unique_ptr<const GatedLinear> reference, const CudaKernels& kernels)
      : reference_(std::move(reference)), kernels_(kernels) {}

  at::Tensor Forward(const at::Tensor& x) const override { return Gate(Widen(x)); }

  at::Tensor Widen(const at::Tensor& x) const override { return reference_->Widen(x); }

  at::Tensor Gate(const at::Tensor& wide) const override {
    return CudaKernels::TakesWide(wide) ? kernels_.Gate(wide) : reference_->Gate(wide);
  }

 private:
  std::unique_ptr<const GatedLinear> reference_;
  const CudaKernels& kernels_;
};

bool Takes(const at::Tensor& x, const GroupNormWeights& weights) {
  return CudaKernels::TakesPicture(x) && weights.scale.scalar_type() == x.scalar_type();
}

}  // namespace

std::unique_ptr<const Convolution> CudaOps::Prepare(ConvolutionWeights weights) const {
  if (!weights.bias.defined()) return ReferenceOps::Prepare(std::move(weights));
  at::Tensor bias = std::exchange(weights.bias, at::Tensor());
  return std::make_unique<CudaConvolution>(ReferenceOps::Prepare(std::move(weights)),
                                           std::move(bias), kernels_);
}

std::unique_ptr<const GatedLinear> CudaOps::PrepareGated(LinearWeights weights) const {
  return std::make_unique<CudaGatedLinear>(ReferenceOps::PrepareGated(std::move(weights)),
                                           kernels_);
}

at::Tensor CudaOps::GroupNorm(const at::Tensor& x, const GroupNormWeights& weights,
                              Activation activation) const {
  if (!Takes(x, weights)) return ReferenceOps::GroupNorm(x, weights, activation);
  GroupSums sums;
  kernels_.AddTo(&sums, x, weights.groups);
  return kernels_.Normalize(x, sums, weights, activation);
}

void CudaOps::AddTo(GroupSums* sums, const at::Tensor& x, int groups) const {
  if (!CudaKernels::TakesPicture(x)) return ReferenceOps::AddTo(sums, x, groups);
  kernels_.AddTo(sums, x, groups);
}

at::Tensor CudaOps::GroupNormOfPart(const at::Tensor& x, const GroupSums& sums,
                                    const GroupNormWeights& weights, Activation activation) const {
  if (!Takes(x, weights)) return ReferenceOps::GroupNormOfPart(x, sums, weights, activation);
  return kernels_.Normalize(x, sums, weights, activation);
}

}  // namespace darkroom::diffusion
