#include <utility>

#include "ATen/TensorOperators.h"
#include "ATen/ops/zeros.h"
#include "common/status_macros.h"
#include "worker/diffusion/adapters/kinds.h"

namespace darkroom::diffusion {
namespace {

class FullDifference : public Adapter {
 public:
  explicit FullDifference(at::Tensor difference) : difference_(std::move(difference)) {}

  at::Tensor Delta(const at::Tensor& base) const override {
    return difference_.to(base.device()).view(base.sizes());
  }

 private:
  at::Tensor difference_;  // [out, in, height, width]
};

class BiasedBranch : public Branch {
 public:
  // `inner` may be null. `bias`: [out], or [out, 1, 1] beside a convolution.
  BiasedBranch(std::unique_ptr<const Branch> inner, at::Tensor bias)
      : inner_(std::move(inner)), bias_(std::move(bias)) {}

  at::Tensor Forward(const at::Tensor& x, const at::Tensor& strength,
                     const at::Tensor& residual) const override {
    const at::Tensor moved = residual + bias_ * strength;
    return inner_ == nullptr ? moved : inner_->Forward(x, strength, moved);
  }

  std::int64_t bytes() const override {
    return static_cast<std::int64_t>(bias_.nbytes()) + (inner_ == nullptr ? 0 : inner_->bytes());
  }

 private:
  std::unique_ptr<const Branch> inner_;
  at::Tensor bias_;
};

class Biased : public Adapter {
 public:
  Biased(std::unique_ptr<const Adapter> inner, at::Tensor bias)
      : inner_(std::move(inner)), bias_(std::move(bias)) {}

  at::Tensor Delta(const at::Tensor& base) const override {
    if (inner_ != nullptr) return inner_->Delta(base);
    return at::zeros(base.sizes(), base.options().dtype(at::kFloat));
  }

  at::Tensor BiasDelta() const override { return bias_; }

  std::unique_ptr<const Branch> MakeBranch(const Placement& place, const Ops& ops) const override {
    at::Tensor bias = bias_.to(place.weight.options());
    if (place.convolution) bias = bias.unsqueeze(-1).unsqueeze(-1);
    return std::make_unique<BiasedBranch>(
        inner_ == nullptr ? nullptr : inner_->MakeBranch(place, ops), std::move(bias));
  }

 private:
  std::unique_ptr<const Adapter> inner_;  // null where only the bias changes
  at::Tensor bias_;                       // [out]
};

}  // namespace

AdapterOr MakeFullDifference(ModuleTensors* tensors, const WeightShape& shape) {
  DARKROOM_ASSIGN_OR_RETURN(
      at::Tensor difference,
      tensors->Take("diff", {shape.out, shape.in, shape.height, shape.width}));
  // An alpha beside a difference has no rank to be divided by, and no effect.
  DARKROOM_RETURN_IF_ERROR(tensors->TakeScale(1).status());
  return std::make_unique<const FullDifference>(std::move(difference));
}

AdapterOr MakeBiased(ModuleTensors* tensors, const WeightShape& shape,
                     std::unique_ptr<const Adapter> inner) {
  DARKROOM_ASSIGN_OR_RETURN(at::Tensor bias, tensors->Take("diff_b", {shape.out}));
  return std::make_unique<const Biased>(std::move(inner), std::move(bias));
}

}  // namespace darkroom::diffusion
