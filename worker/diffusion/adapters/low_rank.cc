#include <utility>

#include "ATen/TensorOperators.h"
#include "ATen/ops/matmul.h"
#include "common/status_macros.h"
#include "worker/diffusion/adapters/branch_op.h"
#include "worker/diffusion/adapters/kinds.h"
#include "worker/diffusion/adapters/tucker.h"

namespace darkroom::diffusion {
namespace {

// Of rows through a narrow middle, where the strengths cost least.
class LowRankBranch : public Branch {
 public:
  LowRankBranch(BranchOp down, BranchOp up) : down_(std::move(down)), up_(std::move(up)) {}

  at::Tensor Forward(const at::Tensor& x, const at::Tensor& strength,
                     const at::Tensor& residual) const override {
    return up_.Forward(down_.Forward(x) * strength, residual);
  }

  std::int64_t bytes() const override { return down_.bytes() + up_.bytes(); }

 private:
  BranchOp down_, up_;
};

class TuckerBranch : public Branch {
 public:
  TuckerBranch(BranchOp down, BranchOp mid, BranchOp up)
      : down_(std::move(down)), mid_(std::move(mid)), up_(std::move(up)) {}

  at::Tensor Forward(const at::Tensor& x, const at::Tensor& strength,
                     const at::Tensor& residual) const override {
    return up_.Forward(mid_.Forward(down_.Forward(x)) * strength, residual);
  }

  std::int64_t bytes() const override { return down_.bytes() + mid_.bytes() + up_.bytes(); }

 private:
  BranchOp down_, mid_, up_;
};

class LowRank : public Adapter {
 public:
  // down [rank, in, height, width], up [out, rank], alpha / rank in it.
  LowRank(at::Tensor down, at::Tensor up) : down_(std::move(down)), up_(std::move(up)) {}

  at::Tensor Delta(const at::Tensor& base) const override {
    const at::Tensor down = down_.to(base.device());
    return at::matmul(up_.to(base.device()), down.flatten(1)).view(base.sizes());
  }

  std::unique_ptr<const Branch> MakeBranch(const Placement& place, const Ops& ops) const override {
    return std::make_unique<LowRankBranch>(BranchOp::Like(place, down_, ops),
                                           BranchOp::Pointwise(place, up_, ops));
  }

 private:
  at::Tensor down_, up_;
};

class TuckerLowRank : public Adapter {
 public:
  // down [q, in], mid [p, q, height, width], up [out, p], alpha / q in it.
  TuckerLowRank(at::Tensor down, at::Tensor mid, at::Tensor up)
      : down_(std::move(down)), mid_(std::move(mid)), up_(std::move(up)) {}

  at::Tensor Delta(const at::Tensor& base) const override {
    const at::Device device = base.device();
    return TuckerKernel(mid_.to(device), up_.to(device), down_.to(device)).view(base.sizes());
  }

  std::unique_ptr<const Branch> MakeBranch(const Placement& place, const Ops& ops) const override {
    return std::make_unique<TuckerBranch>(BranchOp::Pointwise(place, down_, ops),
                                          BranchOp::Like(place, mid_, ops),
                                          BranchOp::Pointwise(place, up_, ops));
  }

 private:
  at::Tensor down_, mid_, up_;
};

}  // namespace

AdapterOr MakeLowRank(ModuleTensors* tensors, const WeightShape& shape) {
  DARKROOM_ASSIGN_OR_RETURN(const std::int64_t rank, tensors->Size("lora_down", 0));
  DARKROOM_ASSIGN_OR_RETURN(const double scale, tensors->TakeScale(rank));
  if (!tensors->Contains("lora_mid")) {
    DARKROOM_ASSIGN_OR_RETURN(
        at::Tensor down, tensors->Take("lora_down", {rank, shape.in, shape.height, shape.width}));
    DARKROOM_ASSIGN_OR_RETURN(const at::Tensor up, tensors->Take("lora_up", {shape.out, rank}));
    return std::make_unique<const LowRank>(std::move(down), up * scale);
  }
  DARKROOM_ASSIGN_OR_RETURN(const std::int64_t inner, tensors->Size("lora_mid", 0));
  DARKROOM_ASSIGN_OR_RETURN(at::Tensor down, tensors->Take("lora_down", {rank, shape.in}));
  DARKROOM_ASSIGN_OR_RETURN(at::Tensor mid,
                            tensors->Take("lora_mid", {inner, rank, shape.height, shape.width}));
  DARKROOM_ASSIGN_OR_RETURN(const at::Tensor up, tensors->Take("lora_up", {shape.out, inner}));
  return std::make_unique<const TuckerLowRank>(std::move(down), std::move(mid), up * scale);
}

}  // namespace darkroom::diffusion
