#include "worker/diffusion/adapters/adapter.h"

#include <utility>

#include "ATen/TensorOperators.h"
#include "worker/diffusion/adapters/branch_op.h"

namespace darkroom::diffusion {
namespace {

// The whole delta as an operation of the module's size.
class DeltaBranch : public Branch {
 public:
  explicit DeltaBranch(BranchOp delta) : delta_(std::move(delta)) {}

  at::Tensor Forward(const at::Tensor& x, const at::Tensor& strength,
                     const at::Tensor& residual) const override {
    return delta_.Forward(x * strength, residual);
  }

  std::int64_t bytes() const override { return delta_.bytes(); }

 private:
  BranchOp delta_;
};

}  // namespace

std::unique_ptr<const Branch> Adapter::MakeBranch(const Placement& place, const Ops& ops) const {
  return std::make_unique<DeltaBranch>(BranchOp::Like(place, Delta(place.weight), ops));
}

}  // namespace darkroom::diffusion
