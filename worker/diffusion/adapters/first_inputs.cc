#include <utility>

#include "ATen/ops/zeros.h"
#include "worker/diffusion/adapters/kinds.h"

namespace darkroom::diffusion {
namespace {

class FirstInputsBranch : public Branch {
 public:
  FirstInputsBranch(std::int64_t inputs, std::unique_ptr<const Branch> inner)
      : inputs_(inputs), inner_(std::move(inner)) {}

  at::Tensor Forward(const at::Tensor& x, const at::Tensor& strength,
                     const at::Tensor& residual) const override {
    const std::int64_t channels = x.dim() == 4 ? 1 : 2;
    return inner_->Forward(x.narrow(channels, 0, inputs_), strength, residual);
  }

  std::int64_t bytes() const override { return inner_->bytes(); }

 private:
  std::int64_t inputs_;
  std::unique_ptr<const Branch> inner_;
};

class FirstInputs : public Adapter {
 public:
  FirstInputs(std::int64_t inputs, std::unique_ptr<const Adapter> inner)
      : inputs_(inputs), inner_(std::move(inner)) {}

  at::Tensor Delta(const at::Tensor& base) const override {
    at::Tensor delta = at::zeros(base.sizes(), base.options().dtype(at::kFloat));
    delta.narrow(1, 0, inputs_).copy_(inner_->Delta(Part(base)));
    return delta;
  }

  at::Tensor BiasDelta() const override { return inner_->BiasDelta(); }

  std::unique_ptr<const Branch> MakeBranch(const Placement& place, const Ops& ops) const override {
    Placement part = place;
    part.weight = Part(place.weight);
    return std::make_unique<FirstInputsBranch>(inputs_, inner_->MakeBranch(part, ops));
  }

 private:
  at::Tensor Part(const at::Tensor& weight) const {
    return weight.narrow(1, 0, inputs_).contiguous();
  }

  std::int64_t inputs_;
  std::unique_ptr<const Adapter> inner_;
};

}  // namespace

std::unique_ptr<const Adapter> WithFirstInputs(std::int64_t inputs,
                                               std::unique_ptr<const Adapter> inner) {
  return std::make_unique<const FirstInputs>(inputs, std::move(inner));
}

}  // namespace darkroom::diffusion
