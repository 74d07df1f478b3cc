#include <utility>

#include "ATen/TensorOperators.h"
#include "ATen/ops/matmul.h"
#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "worker/diffusion/adapters/kinds.h"
#include "worker/diffusion/adapters/tucker.h"

namespace darkroom::diffusion {
namespace {

// One of the two weights that are multiplied.
struct Factor {
  at::Tensor a;     // [out, p]
  at::Tensor b;     // [q, in * height * width], with a core [q, in]
  at::Tensor core;  // [p, q, height, width], or undefined: then p = q

  at::Tensor Weight(at::Device device) const {
    if (!core.defined()) return at::matmul(a.to(device), b.to(device));
    return TuckerKernel(core.to(device), a.to(device), b.to(device)).flatten(1);
  }
};

class Hadamard : public Adapter {
 public:
  // alpha / rank is in `first`.
  Hadamard(Factor first, Factor second) : first_(std::move(first)), second_(std::move(second)) {}

  at::Tensor Delta(const at::Tensor& base) const override {
    at::Tensor weight = first_.Weight(base.device());
    return weight.mul_(second_.Weight(base.device())).view(base.sizes());
  }

 private:
  Factor first_, second_;
};

// `number`: 1 or 2.
absl::StatusOr<Factor> TakeFactor(ModuleTensors* tensors, const WeightShape& shape, int number,
                                  std::int64_t rank) {
  const std::string a = absl::StrCat("hada_w", number, "_a");
  const std::string b = absl::StrCat("hada_w", number, "_b");
  const std::string core = absl::StrCat("hada_t", number);
  Factor factor;
  if (!tensors->Contains(core)) {
    DARKROOM_ASSIGN_OR_RETURN(factor.a, tensors->Take(a, {shape.out, rank}));
    DARKROOM_ASSIGN_OR_RETURN(factor.b,
                              tensors->Take(b, {rank, shape.in * shape.height * shape.width}));
    return factor;
  }
  DARKROOM_ASSIGN_OR_RETURN(const std::int64_t outer, tensors->Size(core, 0));
  DARKROOM_ASSIGN_OR_RETURN(factor.core,
                            tensors->Take(core, {outer, rank, shape.height, shape.width}));
  DARKROOM_ASSIGN_OR_RETURN(const at::Tensor transposed, tensors->Take(a, {outer, shape.out}));
  factor.a = transposed.t();
  DARKROOM_ASSIGN_OR_RETURN(factor.b, tensors->Take(b, {rank, shape.in}));
  return factor;
}

}  // namespace

AdapterOr MakeHadamard(ModuleTensors* tensors, const WeightShape& shape) {
  DARKROOM_ASSIGN_OR_RETURN(const std::int64_t rank, tensors->Size("hada_w1_b", 0));
  DARKROOM_ASSIGN_OR_RETURN(const double scale, tensors->TakeScale(rank));
  DARKROOM_ASSIGN_OR_RETURN(Factor first, TakeFactor(tensors, shape, 1, rank));
  DARKROOM_ASSIGN_OR_RETURN(Factor second, TakeFactor(tensors, shape, 2, rank));
  first.a = first.a * scale;
  return std::make_unique<const Hadamard>(std::move(first), std::move(second));
}

}  // namespace darkroom::diffusion
