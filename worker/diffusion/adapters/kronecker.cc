#include <algorithm>
#include <utility>

#include "ATen/TensorOperators.h"
#include "ATen/ops/kron.h"
#include "ATen/ops/matmul.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "worker/diffusion/adapters/branch_op.h"
#include "worker/diffusion/adapters/kinds.h"
#include "worker/diffusion/adapters/tucker.h"

namespace darkroom::diffusion {
namespace {

// The channels of x are groups of w2's inputs: w2 goes over each group alone, w1 mixes the groups.
// (w1 (x) w2) x = w1 X w2^T with x as a matrix X [groups, inputs of w2] (Van Loan 2000, "The
// ubiquitous Kronecker product", section 1).
class KroneckerLinearBranch : public Branch {
 public:
  // w1 [out1, in1], w2 [out2, in2]
  KroneckerLinearBranch(std::int64_t in1, BranchOp w1, BranchOp w2)
      : in1_(in1), w1_(std::move(w1)), w2_(std::move(w2)) {}

  at::Tensor Forward(const at::Tensor& x, const at::Tensor& strength,
                     const at::Tensor& residual) const override {
    const std::int64_t rows = x.size(0);
    const std::int64_t tokens = x.size(1);
    // [N, T, in1 * in2] to [N, T * in1, in2] to [N, T * in1, out2]
    const at::Tensor within = w2_.Forward((x * strength).reshape({rows, tokens * in1_, -1}));
    const at::Tensor groups = within.view({rows, tokens, in1_, -1}).transpose(2, 3);
    const std::int64_t out2 = groups.size(2);
    // [N, T * out2, in1] to [N, T * out2, out1]
    const at::Tensor mixed = w1_.Forward(groups.reshape({rows, tokens * out2, in1_}));
    const at::Tensor channels = mixed.view({rows, tokens, out2, -1}).transpose(2, 3);
    return channels.reshape(residual.sizes()).add_(residual);
  }

  std::int64_t bytes() const override { return w1_.bytes() + w2_.bytes(); }

 private:
  std::int64_t in1_;
  BranchOp w1_, w2_;
};

class Kronecker : public Adapter {
 public:
  // w1 [out1, in1], alpha / rank in it, w2 [out2, in2, height, width].
  Kronecker(at::Tensor w1, at::Tensor w2) : w1_(std::move(w1)), w2_(std::move(w2)) {}

  at::Tensor Delta(const at::Tensor& base) const override {
    const at::Tensor w1 = w1_.to(base.device()).unsqueeze(-1).unsqueeze(-1);
    return at::kron(w1, w2_.to(base.device())).view(base.sizes());
  }

  std::unique_ptr<const Branch> MakeBranch(const Placement& place, const Ops& ops) const override {
    // Groups of channels are no groups of bytes in channels_last memory: a convolution would copy
    // more than it saves.
    if (place.convolution) return Adapter::MakeBranch(place, ops);
    return std::make_unique<KroneckerLinearBranch>(
        w1_.size(1), BranchOp::Pointwise(place, w1_, ops), BranchOp::Pointwise(place, w2_, ops));
  }

 private:
  at::Tensor w1_, w2_;
};

// A part that the product of two others may stand for. `number`: 1 or 2.
struct Part {
  explicit Part(int number)
      : whole(absl::StrCat("lokr_w", number)),
        a(absl::StrCat(whole, "_a")),
        b(absl::StrCat(whole, "_b")),
        core(absl::StrCat("lokr_t", number)) {}

  std::string whole, a, b, core;
};

// [out, in, height, width]. `rank`: of its decomposition; unchanged where there is none.
absl::StatusOr<at::Tensor> TakePart(ModuleTensors* tensors, const Part& part,
                                    const WeightShape& shape, std::int64_t* rank) {
  const std::vector<std::int64_t> whole = {shape.out, shape.in, shape.height, shape.width};
  if (tensors->Contains(part.whole)) return tensors->Take(part.whole, whole);
  DARKROOM_ASSIGN_OR_RETURN(const std::int64_t inner, tensors->Size(part.b, 0));
  if (*rank != 0 && *rank != inner) {
    return absl::InvalidArgumentError(
        absl::StrCat("lokr_w1_b and lokr_w2_b have ranks ", *rank, " and ", inner));
  }
  *rank = inner;
  if (!tensors->Contains(part.core)) {
    DARKROOM_ASSIGN_OR_RETURN(const at::Tensor a, tensors->Take(part.a, {shape.out, inner}));
    DARKROOM_ASSIGN_OR_RETURN(
        const at::Tensor b, tensors->Take(part.b, {inner, shape.in * shape.height * shape.width}));
    return at::matmul(a, b).view(whole);
  }
  DARKROOM_ASSIGN_OR_RETURN(const std::int64_t outer, tensors->Size(part.core, 0));
  DARKROOM_ASSIGN_OR_RETURN(const at::Tensor core,
                            tensors->Take(part.core, {outer, inner, shape.height, shape.width}));
  DARKROOM_ASSIGN_OR_RETURN(const at::Tensor a, tensors->Take(part.a, {outer, shape.out}));
  DARKROOM_ASSIGN_OR_RETURN(const at::Tensor b, tensors->Take(part.b, {inner, shape.in}));
  return TuckerKernel(core, a.t(), b);
}

}  // namespace

AdapterOr MakeKronecker(ModuleTensors* tensors, const WeightShape& shape) {
  // The first part's shape is free: it has to divide the module's.
  const Part first(1);
  const bool whole = tensors->Contains(first.whole);
  DARKROOM_ASSIGN_OR_RETURN(const std::int64_t out1,
                            tensors->Size(whole ? first.whole : first.a, 0));
  DARKROOM_ASSIGN_OR_RETURN(const std::int64_t in1,
                            tensors->Size(whole ? first.whole : first.b, 1));
  if (shape.out % out1 != 0 || shape.in % in1 != 0) {
    return absl::InvalidArgumentError(absl::StrCat("lokr_w1 is ", out1, " x ", in1,
                                                   ", which does not divide the module's ",
                                                   shape.out, " x ", shape.in));
  }
  std::int64_t rank = 0;
  DARKROOM_ASSIGN_OR_RETURN(const at::Tensor w1,
                            TakePart(tensors, first, {.out = out1, .in = in1}, &rank));
  const WeightShape second{
      .out = shape.out / out1, .in = shape.in / in1, .height = shape.height, .width = shape.width};
  DARKROOM_ASSIGN_OR_RETURN(at::Tensor w2, TakePart(tensors, Part(2), second, &rank));
  // Two whole parts have no rank, and an alpha beside them no meaning (LyCORIS, lokr.py).
  DARKROOM_ASSIGN_OR_RETURN(const double scale,
                            tensors->TakeScale(std::max<std::int64_t>(rank, 1)));
  return std::make_unique<const Kronecker>(w1.flatten(1) * (rank == 0 ? 1.0 : scale),
                                           std::move(w2));
}

}  // namespace darkroom::diffusion
